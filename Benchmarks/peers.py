#!/usr/bin/env python3
"""Custos beside Debian's prometheus-node-exporter and monit, in one run on one machine: the ratios matter.

A pass is one look at the same things. Custos makes its passes by itself, as fast as a check may turn, and judges what
it sees; node_exporter makes one when scraped; monit, whose turn is a second at least, looks at the machine's processor,
memory and root file system, and reads every process. All three run at once, so each is disturbed as the others are.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time

from counts import calls, fetch, free_address
from figures import figure, finish, say
from harness import children, names
from harness.custos import Custos
from harness.waiting import eventually
from usage import Usage

SECONDS = int(os.environ.get("PEERS_SECONDS", 30))
TURN = 0.1
TRACED = 5
"""Seconds under strace, after the times were taken."""
COLLECTORS = {
    "conntrack": ["conntrack"], "cpu": ["cpu", "loadavg"], "disk": ["filesystem"], "filefd": ["filefd"],
    "mem": ["meminfo", "vmstat"], "neigh": ["arp"], "sockstat": ["sockstat", "netstat"], "uptime": ["stat"],
}
"""Which of node_exporter's collectors read what a check of Custos reads."""
MONIT = """set daemon 1
set pidfile {folder}/pid
set idfile {folder}/id
set statefile {folder}/state
check system $HOST
    if loadavg (5min) per core > 20 for 3 cycles then alert
    if cpu usage > 99% for 60 cycles then alert
    if memory usage > 99% for 5 cycles then alert
    if filedescriptors usage > 90% then alert
check filesystem root with path /
    if space usage > 99% then alert
    if inode usage > 99% then alert
"""


def answers(address):
    try:
        return fetch(address)
    except OSError:
        return None


def monit(folder):
    path = os.path.join(folder, "monitrc")
    with open(path, "w") as file:
        file.write(MONIT.format(folder=folder))
    os.chmod(path, 0o600)
    # Without files of its own around it, it would run in the background.
    return children.start(["monit", "-I", "-c", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env={"PATH": os.environ["PATH"], "HOME": folder})


def collectors_for(kinds):
    """Those of node_exporter's collectors that read what these kinds of checks read."""
    return sorted({name for kind in kinds for name in COLLECTORS.get(kind, ())})


def node_exporter(address, collectors):
    process = children.start(
        ["prometheus-node-exporter", "--web.listen-address", address, "--web.disable-exporter-metrics",
         "--collector.disable-defaults", *(f"--collector.{name}" for name in collectors)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually("node_exporter answers", lambda: answers(address), 20)
    return process


def known(status):
    """The kinds of Custos that have looked with success and that node_exporter has, too."""
    found = re.findall(r'^custos_check_success\{check="(\w+)"\} 1$', fetch(status), re.M)
    return sorted(set(found) & set(COLLECTORS))


class Passes:
    """Custos' own passes from now on: its turns, but for those that it leaves out for want of time."""

    def __init__(self, status, kinds):
        self.status, self.kinds = status, kinds
        self.before = self.left_out()

    def left_out(self):
        """How many turns a check has left out since the start, on average."""
        found = re.findall(r'^custos_check_skipped_turns_total\{check="\w+"\} (\S+)$', fetch(self.status), re.M)
        return sum(map(float, found)) / len(self.kinds)

    def within(self, seconds):
        return seconds / TURN - (self.left_out() - self.before)


class Scraped:
    """Scrapes an address so often that a scrape is a turn."""

    def __init__(self, address):
        self.address, self.count = address, 0

    def during(self, seconds):
        until, turn = time.monotonic() + seconds, time.monotonic()
        while (now := time.monotonic()) < until:
            fetch(self.address)
            self.count += 1
            turn = max(turn + TURN, now)
            time.sleep(max(0, turn - time.monotonic()))


def main():
    status, address, folder = free_address(), free_address(), tempfile.mkdtemp(prefix="custos-peers-")
    custos = Custos({**names.only(*map(str.upper, COLLECTORS)), names.EVERY: f"{TURN:g}s", names.STATUS: status})
    peers = []
    try:
        custos.started()
        eventually("every check has looked", lambda: known(status))
        kinds = known(status)
        collectors = collectors_for(kinds)
        exporter = node_exporter(address, collectors)
        peers += [exporter, monit(folder)]
        pids = {"custos": custos.process.pid, "node_exporter": exporter.pid, "monit": peers[1].pid}
        scraped = Scraped(address)
        scraped.during(5)  # the caches and the heap are warm then
        say(f"custos: {', '.join(kinds)}; node_exporter: {', '.join(collectors)}")

        own = Passes(status, kinds)
        before, scraped.count, began = {name: Usage(pid) for name, pid in pids.items()}, 0, time.monotonic()
        scraped.during(SECONDS)
        took = time.monotonic() - began
        after = {name: Usage(pid) for name, pid in pids.items()}
        passes = {"custos": own.within(took), "node_exporter": scraped.count, "monit": took}
        cost = {name: after[name].since(before[name])[0] * 1000 / passes[name] for name in pids}
        for name in pids:
            figure(f"peer_{name}_cpu_ms_per_pass", cost[name])
            figure(f"peer_{name}_anonymous_mib", after[name].anonymous)
            figure(f"peer_{name}_pss_mib", after[name].pss)

        own = Passes(status, kinds)
        traced = {"custos": calls(pids["custos"], folder, lambda: time.sleep(TRACED)) / own.within(TRACED)}
        traced["monit"] = calls(pids["monit"], folder, lambda: time.sleep(TRACED)) / TRACED
        scraped.count = 0
        traced["node_exporter"] = calls(pids["node_exporter"], folder, lambda: scraped.during(TRACED)) / scraped.count
        for name, count in traced.items():
            figure(f"peer_{name}_syscalls_per_pass", count)

        for name in ("node_exporter", "monit"):
            figure(f"ratio_cpu_to_{name}", cost["custos"] / cost[name])
            figure(f"ratio_syscalls_to_{name}", traced["custos"] / traced[name])
            figure(f"ratio_anonymous_to_{name}", after["custos"].anonymous / after[name].anonymous)
    finally:
        for peer in peers:
            children.end(peer)
        custos.close()
        shutil.rmtree(folder, ignore_errors=True)
    finish()


if __name__ == "__main__":
    main()
