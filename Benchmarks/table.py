#!/usr/bin/env python3
"""Writes docs/benchmarks.md: what the benchmarks measured last of the present binary, and the machine they ran on."""

import os
import platform
import re
import subprocess
import sys
import time

from all import SCRIPTS
from figures import BUDGETS, ROOT, recorded, say, target, within
from harness import custos

PAGE = os.path.join(ROOT, "docs", "benchmarks.md")
HEAD = """# Benchmarks

Measured by `make bench`, written by `make bench-table`; no figure is typed by hand.
[Benchmarks/README.md](../Benchmarks/README.md) says how each is taken. Counts (instructions, allocations, system calls,
requests, syncs) hardly depend on the machine; times do, and on what else it does: *load* is its load average just
before the benchmark.
"""


def machine():
    with open("/proc/cpuinfo") as file:
        processor = re.search(r"^model name\s*: (.*)$", file.read(), re.M)
    with open("/proc/meminfo") as file:
        memory = int(re.search(r"^MemTotal: *(\d+)", file.read(), re.M).group(1)) / (1 << 20)
    with open("/etc/os-release") as file:
        system = re.search(r'^PRETTY_NAME="(.*)"$', file.read(), re.M).group(1)
    yield "processor", f"{processor.group(1) if processor else platform.machine()}, {os.cpu_count()} cores"
    yield "memory", f"{memory:.0f} GiB"
    yield "system", f"{system}, Linux {platform.release().partition('-')[0]}"
    yield "custos", custos.once("version").stdout.split("\n")[0].strip()
    packages = ["docker.io", "prometheus-node-exporter", "monit", "iproute2", "procps", "valgrind", "strace"]
    shown = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages], capture_output=True,
                           text=True, check=False).stdout
    yield "beside it", ", ".join(shown.split("\n")[:-1])


def number(value):
    """Three digits that mean something, or the whole number."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def rows(figures):
    for figure in figures:
        budget = BUDGETS.get(figure["budget"])
        goal = "" if budget is None else target(budget)
        if budget is not None and not within(budget, figure["value"]):
            goal = f"**{goal}: missed**"
        what = "" if budget is None else budget["what"].replace("|", "\\|")
        yield f"| `{figure['name']}` | {number(figure['value'])} | {goal} | {what} |"


def page(record):
    yield HEAD
    yield "| | |\n|---|---|"
    for key, value in machine():
        yield f"| {key} | {value} |"
    for script in SCRIPTS:
        if script not in record:
            continue
        taken = record[script]
        moment = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(taken["at"]))
        yield f"\n## {script}\n\n`Benchmarks/{script}.py`, {moment}, load {taken['load']:.2f}.\n"
        yield "| figure | value | target | what it says |\n|---|---|---|---|"
        yield from rows(taken["figures"])
    if absent := [script for script in SCRIPTS if script not in record]:
        yield f"\nNot measured with this binary: {', '.join(absent)}."


def main():
    record = recorded()
    if not record:
        say("nothing was measured with this binary: `make bench` does it")
        sys.exit(1)
    with open(PAGE, "w") as file:
        file.write("\n".join(page(record)) + "\n")
    say(f"{PAGE}: {sum(len(taken['figures']) for taken in record.values())} figures")


if __name__ == "__main__":
    main()
