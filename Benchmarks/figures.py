"""Figures against budgets.json: printed one a line, kept for the table, an exit status that says if all are within."""

import hashlib
import json
import os
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(FOLDER)
sys.path.insert(0, os.path.join(ROOT, "Tests", "EndToEnd"))

with open(os.path.join(FOLDER, "budgets.json")) as _file:
    BUDGETS = json.load(_file)

RECORD = os.path.join(ROOT, ".build", "figures.json")
"""What the benchmarks measured last, by script: `make bench-table` writes it down."""


def _processor_time():
    """What the machine's processors gave so far, and what the host below took from them, in ticks."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, irq, softirq, stolen = map(int, file.readline().split()[1:9])
    return user + nice + system + irq + softirq, stolen


_load, _began = os.getloadavg()[0], _processor_time()
_taken, _missed = [], []


def say(text):
    print(text, flush=True)


def figure(name, value, common=None):
    """Prints one figure and judges it by its budget, or by that of `common` where it has none of its own."""
    _taken.append({"name": name, "value": value, "budget": name if name in BUDGETS else common})
    budget = BUDGETS.get(name) or BUDGETS.get(common)
    if budget is None:
        say(f"{name:45} {value:13.3f}")
        return
    if not within(budget, value):
        _missed.append(name)
    say(f"{name:45} {value:13.3f}   target {target(budget):10} {'ok' if within(budget, value) else 'MISSED'}")


def within(budget, value):
    """A budget is a `limit` or, where more is better, an `at_least`."""
    return value <= budget["limit"] if "limit" in budget else value >= budget["at_least"]


def target(budget):
    sign, value = ("<=", budget["limit"]) if "limit" in budget else (">=", budget["at_least"])
    return f"{sign} {value:,}"


def percentile(values, share):
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def recorded():
    """What was measured, by script, of the present binary."""
    try:
        with open(RECORD) as file:
            record = json.load(file)
    except FileNotFoundError:
        return {}
    return {script: taken for script, taken in record.items() if taken["binary"] == _fingerprint()}


def finish():
    """Keeps the figures and ends the program: 1 when a budget was missed."""
    script = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    given, stolen = (after - before for before, after in zip(_began, _processor_time()))
    say(f"the host below took {stolen / max(1, given + stolen):.1%} of the processor time that was wanted")
    entry = {"binary": _fingerprint(), "at": time.time(), "load": _load, "figures": _taken}
    os.makedirs(os.path.dirname(RECORD), exist_ok=True)
    with open(RECORD + ".new", "w") as file:
        json.dump({**recorded(), script: entry}, file, indent=1)
    os.replace(RECORD + ".new", RECORD)
    if _missed:
        say(f"missed: {', '.join(_missed)}")
    sys.exit(1 if _missed else 0)


def _fingerprint():
    from harness import custos  # its path is set above

    with open(custos.binary(), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
