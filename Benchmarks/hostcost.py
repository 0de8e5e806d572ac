#!/usr/bin/env python3
"""What one complete pass of all host and kernel checks costs, by the number of processes and of TCP sockets: CPU time,
system calls, instructions, allocations, memory; beside node_exporter's collectors for the same data, `ss` and `ps`.

The processes are the machine's, and all others on it count as well; the network is one of our own. Custos passes by
itself, everything else is asked once in each turn, so each is disturbed as the others are. A count is taken from one
pause between turns to another, so that it contains whole passes and no start; an even number of them, since every
second one leaves out who slept and, beside many sockets, who waits to be closed.
"""

import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

import counts
import crowd
import peers
from figures import figure, finish, say
from harness import children, custos, names
from harness.waiting import eventually
from usage import Usage, calm

TURN = 5
PASSES = int(os.environ.get("HOSTCOST_PASSES", 16))
COUNTED = 2
"""Passes under strace and under callgrind."""
BASE = (200, 100)
LOADS = {
    "200_processes": BASE, "2000_processes": (2000, 100), "10000_processes": (10000, 100),
    "20000_sockets": (200, 20000), "40000_sockets": (200, 40000), "100000_sockets": (200, 100000),
}
WANTED = os.environ.get("HOSTCOST_LOADS", ",".join(LOADS)).split(",")
COLLECTORS = {
    **peers.COLLECTORS, "diskio": ["diskstats"], "hostident": ["uname"], "iostuck": ["processes"],
    "netif": ["netdev", "netclass", "bonding"], "ntp": ["timex"], "oom": ["vmstat"], "pids": ["processes"],
    "pressure": ["pressure"], "procnum": ["processes"], "secmod": ["selinux"], "tcpstate": ["tcpstat"],
    "zombie": ["processes"],
}
EXTRA = {
    "CUSTOS_MOUNT": "on", "CUSTOS_PROCFD": "on", "CUSTOS_PROCNUM": "on", "CUSTOS_SECMOD": "on", "CUSTOS_SYSTEMD": "on",
    "CUSTOS_SYSCTL__CHANGES": "vm.swappiness,kernel.panic",
}
"""Those that run only when they are told to. There is no systemd to ask here, but it is tried."""
SAME = names.only(*map(str.upper, COLLECTORS)) | {"CUSTOS_PROCNUM": "on", "CUSTOS_SECMOD": "on"}
"""Those for whose data node_exporter has a collector, too."""
COMMANDS = {
    "ps": ["ps", "-eo", "pid,ppid,stat,nlwp,comm"], "ss_summary": ["ss", "-s"], "ss_list": ["ss", "-tan"],
}


class Watching(custos.Custos):
    """Custos with some checks of the host, each once in a turn, all at about the same time."""

    def __init__(self, checks, under=()):
        self.address = counts.free_address()
        super().__init__({"CUSTOS_DOCKER": "off", names.EVERY: f"{TURN}s", names.STATUS: self.address, **checks})
        self.under = [part.replace("FOLDER", self.folder) for part in under]

    @property
    def pid(self):
        return self.process.pid

    def progress(self):
        return counts.progress(self.address)

    def passes(self, before):
        """How often each check has looked since then; none if that is odd, or one is ahead of another in a pass."""
        after = self.progress()
        looked = {round((after[kind][0] - moment) / TURN - (after[kind][1] - skipped))
                  for kind, (moment, skipped) in before.items()}
        looks = looked.pop()
        return 0 if looked or looks % 2 else looks

    def has_lost_step(self, before):
        """Whether a check left out a turn since then in which another looked, as a busy machine makes it do."""
        after = self.progress()
        return len({after[kind][1] - skipped for kind, (_, skipped) in before.items()}) > 1

    def pass_some(self, count):
        """Lets it look `COUNTED` times, by the pause of a turn in which it has been; how often it did, and what `count`
        says of that time, for which it is given what waits for its end."""
        looks = 0

        def end(before):
            nonlocal looks
            time.sleep(COUNTED * TURN)
            eventually("a pause after a whole pass", lambda: self.has_lost_step(before) or self.passes(before), 120,
                       every=0.5)
            looks = self.passes(before)
        for _ in range(5):
            [before] = pause(self)
            found = count(lambda start=before: end(start))
            if looks:
                return looks, found
        raise AssertionError("checks leave out turns, each its own: this machine is too busy to count")


def pause(*watching):
    """Waits until every check has looked once more and all wait for the next turn; the progress of each one."""
    # A first look may take a while; the other checks wait for nobody.
    eventually("each check's first look has ended",
               lambda: not any(counts.never_looked(daemon.address) for daemon in watching), 120, every=0.5)
    before = [daemon.progress() for daemon in watching]

    def have_looked():
        return all(moment > earlier.get(kind, (0, 0))[0] for daemon, earlier in zip(watching, before)
                   for kind, (moment, _) in daemon.progress().items())
    eventually("every check has looked", have_looked, 60, every=0.5)
    latest = max(moment for daemon in watching for moment, _ in daemon.progress().values())
    time.sleep(max(0, latest + TURN / 2 - time.time()))
    return [daemon.progress() for daemon in watching]


class Timed:
    """CPU time of a process from now on."""

    def __init__(self, pid):
        self.pid, self.before = pid, Usage(pid)
        self.marks = [0]

    def spent(self):
        """In milliseconds."""
        return Usage(self.pid).since(self.before)[0] * 1000

    def mark(self):
        """Ends a turn."""
        self.marks.append(self.spent())

    def typical(self):
        """That of a turn, in milliseconds: the median of pairs, for every second pass leaves something out."""
        return statistics.median((end - start) / 2 for start, end in zip(self.marks[::2], self.marks[2::2]))


def ended(run):
    """CPU time in milliseconds of the programs that `run` runs to their ends."""
    def spent():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime
    before = spent()
    run()
    return (spent() - before) * 1000


def first_look(kind):
    """CPU time of a program that looks once, less that of one whose look costs nothing, the least of five."""
    def once(kind):
        return min(ended(lambda: custos.once("check", "--kind", kind, environment={"CUSTOS_DOCKER": "off"}))
                   for _ in range(5))
    return once(kind) - once("uptime")


def beside(load):
    """CPU time of one pass of Custos and of the others, in one time."""
    has_many_sockets = LOADS[load][1] > BASE[1]
    watching = Watching(EXTRA)
    daemons = {"custos": watching, "custos_same_data": Watching(SAME),
               "custos_tcpstate": Watching(names.only("TCPSTATE"))}
    exporters, folder = {}, tempfile.mkdtemp(prefix="custos-hostcost-")
    try:
        for daemon in daemons.values():  # together, so that their turns are
            daemon.start()
        for daemon in daemons.values():
            daemon.output.until(60, kind="lifecycle", reason="started")
        for name, kinds in (("node_exporter", COLLECTORS), ("node_exporter_tcpstate", ["tcpstate"])):
            collectors = sorted({collector for kind in kinds for collector in COLLECTORS[kind]})
            address = counts.free_address()
            exporters[name] = (peers.node_exporter(address, collectors), address)
        for _ in range(3):  # the heap of each is warm then
            for _, address in exporters.values():
                counts.fetch(address)
        before = dict(zip(daemons, pause(*daemons.values())))
        timed = {name: Timed(daemon.pid) for name, daemon in daemons.items()}
        timed |= {name: Timed(process.pid) for name, (process, _) in exporters.items()}
        began, spent, anonymous = time.monotonic(), dict.fromkeys(COMMANDS, 0), 0
        for turn in range(1, PASSES + 1):
            for _, address in exporters.values():
                counts.fetch(address)
            for name, arguments in COMMANDS.items():
                spent[name] += ended(lambda run=arguments: subprocess.run(run, stdout=subprocess.DEVNULL, check=True))
            while time.monotonic() < began + turn * TURN:
                # What a look takes for itself it gives back after it: the most of many moments, not one.
                anonymous = max(anonymous, Usage(watching.pid).anonymous)
                time.sleep(min(0.5, max(0, began + turn * TURN - time.monotonic())))
            for what in timed.values():
                what.mark()
        # In a pause again, also where a busy machine took longer than a turn for what was asked in it.
        time.sleep((began - time.monotonic()) % TURN)
        passes = {}

        def whole():
            spent.update({name: what.spent() for name, what in timed.items()})
            passes.update({name: daemon.passes(before[name]) for name, daemon in daemons.items()})
            return all(passes.values())
        eventually("a pause of all after whole passes", whole, 60, every=1)
        cost = {name: milliseconds / passes.get(name, PASSES) for name, milliseconds in spent.items()}
        for name, milliseconds in sorted(cost.items()):
            if has_many_sockets or name not in ("custos_tcpstate", "node_exporter_tcpstate", "ss_list", "ss_summary"):
                figure(f"host_{load}_{name}_cpu_ms", milliseconds)
        figure(f"host_{load}_ratio_cpu_to_node_exporter", cost["custos_same_data"] / cost["node_exporter"],
               "host_ratio_cpu_to_node_exporter")
        figure(f"host_{load}_anonymous_mib", anonymous, "host_anonymous_mib")

        if has_many_sockets:
            figure(f"host_{load}_custos_tcpstate_first_cpu_ms", first_look("tcpstate"))

        looks, calls = watching.pass_some(lambda wait: counts.calls(watching.pid, folder, wait))
        calls /= looks
        figure(f"host_{load}_syscalls", calls)
    finally:
        for process, _ in exporters.values():
            children.end(process)
        for daemon in daemons.values():
            daemon.close()
        shutil.rmtree(folder, ignore_errors=True)
    typical = {"cpu_ms": timed["custos"].typical(), "tcpstate_cpu_ms": timed["custos_tcpstate"].typical()}
    return typical | {"syscalls": calls}


def counted(load):
    """Instructions and allocations of one pass."""
    watching = Watching(EXTRA, under=counts.CALLGRIND)
    try:
        watching.started(180)
        def dumped(wait):
            counts.dumped(watching.pid, watching.folder)
            wait()
            return counts.dumped(watching.pid, watching.folder)
        looks, found = watching.pass_some(dumped)
    finally:
        watching.close()
    instructions, allocations = (count / looks for count in found)
    figure(f"host_{load}_instructions", instructions)
    figure(f"host_{load}_allocations", allocations)
    return {"instructions": instructions, "allocations": allocations}


def among(load, measure):
    """What `measure` returns beside as many processes and sockets."""
    processes, sockets = LOADS[load]
    crowds = []
    try:
        crowds.append(crowd.sleepers(processes))
        crowds.append(crowd.connected(sockets))
        say(f"-- {load}: {crowd.processes()} processes on the machine, {crowd.sockets()} TCP sockets in the network")
        calm()
        return measure(load)
    finally:
        for made in crowds:
            made.close()


def growth(costs, first, middle, last, place, without):
    """What each process or socket more costs when there are many, as a share of what it costs when there are few."""
    if not {first, middle, last} <= costs.keys():
        return
    counts_of = [LOADS[load][place] for load in (first, middle, last)]
    for what in sorted(costs[first].keys() - {without}):
        low, high = costs[middle][what] - costs[first][what], costs[last][what] - costs[middle][what]
        each = low / (counts_of[1] - counts_of[0]), high / (counts_of[2] - counts_of[1])
        noun = ("process", "socket")[place]
        say(f"{what} of each {noun} more: {each[0]:.6f} up to {counts_of[1]}, {each[1]:.6f} from there on")
        figure(f"host_{what}_per_{noun}", high / (counts_of[2] - counts_of[1]))
        # Against all: where a thousand more cost next to nothing, the quotient of two nothings would mean nothing.
        linear = costs[first][what] + each[0] * (counts_of[2] - counts_of[0])
        figure(f"host_{what}_growth_with_{noun}", costs[last][what] / max(linear, costs[first][what]), "host_growth")


def main():
    crowd.network_of_our_own()
    costs = {load: among(load, beside) for load in WANTED}
    # Apart: callgrind would take the others' time.
    costs = {load: cost | among(load, counted) for load, cost in costs.items()}
    growth(costs, "200_processes", "2000_processes", "10000_processes", 0, without="tcpstate_cpu_ms")
    # Of a whole pass, 10 ms, the 3 of 20,000 sockets drown in what the rest takes at one time and another.
    growth(costs, "200_processes", "20000_sockets", "100000_sockets", 1, without="cpu_ms")
    finish()


if __name__ == "__main__":
    main()
