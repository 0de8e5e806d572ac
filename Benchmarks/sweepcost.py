#!/usr/bin/env python3
"""What one sweep of each check costs, in counts that a busy machine does not change: instructions and allocations
(callgrind), system calls (strace), beside 50 containers of a stand-in engine.

Two daemons run, one under each tool. One check at a time is put on a fast turn by a reload; the cost of a time with
none of them fast is taken off. All of it has namespaces of its own, so that the machine's interfaces, of which the
kernel tells each one's neighbour settings, and its mounts do not count: there are 50 interfaces, and beside the root
filesystem the mounts of 50 containers.
"""

import os
import re
import subprocess
import sys
import tempfile
import time

import counts
from figures import figure, finish, say
from harness import names
from harness.custos import Custos
from harness.engine_stub import EngineStub
from harness.waiting import eventually

SECONDS = float(os.environ.get("SWEEPCOST_SECONDS", 6))
TURN = 0.1
"""The shortest that a check accepts."""
CALL = re.compile(r"^\d+ +(\d+\.\d+) (\w+)\(", re.M)


class Daemon:
    """Custos under a tool that keeps its process id."""

    def __init__(self, stub, tool):
        self.status = counts.free_address()
        self.custos = Custos({names.DOCKER_HOST: "unix://" + stub.socket, names.STATUS: self.status})
        self.folder = self.custos.folder
        self.before, self.began, self.ended = None, 0, 0
        self.custos.environment[names.CONFIG] = os.path.join(self.folder, "custos.yaml")
        self.custos.under = [part.replace("FOLDER", self.folder) for part in tool]
        self.configure(None)

    def configure(self, kind):
        with open(self.custos.environment[names.CONFIG], "w") as file:
            file.write("defaults:\n  every: 1h\n")
            if kind:
                file.write(f"{kind}:\n  every: {TURN:g}s\n")

    def hurry(self, kind):
        """Puts one check on the fast turn, the others on a slow one, and waits until it has turned."""
        self.configure(kind)
        before = self.custos.output.log.count("configuration reloaded")
        self.custos.reload()
        eventually("the configuration is reloaded",
                   lambda: self.custos.output.log.count("configuration reloaded") > before, 60)
        if kind:
            first = self.progress()[kind][0]
            eventually(f"{kind} turns", lambda: self.progress()[kind][0] > first + 2 * TURN, 60, every=0.2)

    def progress(self):
        return counts.progress(self.status)

    def begin(self):
        """Counts from here."""
        self.before = time.time(), self.progress()
        self.mark()
        self.began = time.time()

    def end(self):
        """Counts to here; how often each check looked meanwhile.

        The two looks at its progress are a little further apart than the two marks.
        """
        self.take()
        self.ended = time.time()
        (first, before), (last, after) = self.before, (time.time(), self.progress())
        share = (self.ended - self.began) / (last - first)
        return {kind: ((moment - before[kind][0]) / TURN - (skipped - before[kind][1])) * share
                for kind, (moment, skipped) in after.items()}


class Instructions(Daemon):
    def __init__(self, stub):
        super().__init__(stub, counts.CALLGRIND)
        self.counts = (0, 0)

    def mark(self):
        counts.dumped(self.custos.process.pid, self.folder)

    def take(self):
        self.counts = counts.dumped(self.custos.process.pid, self.folder)


class SystemCalls(Daemon):
    def __init__(self, stub):
        super().__init__(stub, ["strace", "-D", "-f", "-ttt", "-s", "0", "-o", "FOLDER/calls"])
        self.spans = []

    def mark(self):
        pass

    def take(self):
        self.spans.append((self.began, time.time()))

    def counted(self):
        """The calls of each time, when the daemon has ended."""
        with open(f"{self.folder}/calls", errors="replace") as file:
            moments = [float(moment) for moment, _ in CALL.findall(file.read())]
        return [sum(began <= moment < ended for moment in moments) for began, ended in self.spans]


def measure(daemons, kind):
    """The sweeps of each daemon while `kind` is on the fast turn."""
    for daemon in daemons:
        daemon.hurry(kind)
    for daemon in daemons:
        daemon.begin()
    time.sleep(SECONDS)
    return [daemon.end().get(kind) for daemon in daemons]


def isolated():
    """Starts this program again in namespaces of its own, with 50 interfaces and 101 mounts."""
    if os.environ.get("SWEEPCOST_ISOLATED") != "yes":
        os.environ["SWEEPCOST_ISOLATED"] = "yes"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for number in range(25):
        subprocess.run(["ip", "link", "add", f"a{number}", "type", "veth", "peer", "name", f"b{number}"], check=True)
    with open("/proc/1/mountinfo") as file:
        # The last one: what is mounted over another mount comes after it.
        lines = [line for line in file if line.split()[4] == "/"][-1:]
    for number in range(50):
        layer = f"/var/lib/docker/overlay2/{number:064x}/merged"
        network = f"/run/docker/netns/{number:012x}"
        lines += [f"{1000 + number} 27 0:{500 + number} / {layer} rw,relatime shared:{number} - overlay overlay rw\n",
                  f"{2000 + number} 27 0:4 net:[{number}] {network} rw shared:{number} - nsfs nsfs rw\n"]
    with tempfile.NamedTemporaryFile("w", prefix="custos-mounts-") as file:
        file.writelines(lines)
        file.flush()
        subprocess.run(["mount", "--bind", file.name, "/proc/1/mountinfo"], check=True)


def main():
    isolated()
    stub = EngineStub()
    for number in range(50):
        stub.service("cost", f"s{number}", told=False)
    tooled = [Instructions(stub), SystemCalls(stub)]
    try:
        for daemon in tooled:
            daemon.custos.started(180)
        kinds = sorted(tooled[0].progress())
        sweeps, spent = {}, {}
        for kind in [None, *kinds]:
            sweeps[kind] = measure(tooled, kind)
            spent[kind] = tooled[0].counts
        for daemon in tooled:
            daemon.custos.stop(120)
        calls = dict(zip([None, *kinds], tooled[1].counted()))
    finally:
        for daemon in tooled:
            daemon.custos.close()
        stub.close()
    say(f"idle for {SECONDS:g} s: {spent[None][0]} instructions, {spent[None][1]} allocations, {calls[None]} calls")
    for kind in kinds:
        counted, traced = sweeps[kind]
        assert counted >= 5 and traced >= 5, (kind, counted, traced)
        say(f"{kind}: {counted:.0f} and {traced:.0f} sweeps")
        figure(f"sweep_{kind}_instructions", (spent[kind][0] - spent[None][0]) / counted, "sweep_instructions")
        figure(f"sweep_{kind}_allocations", (spent[kind][1] - spent[None][1]) / counted, "sweep_allocations")
        figure(f"sweep_{kind}_syscalls", (calls[kind] - calls[None]) / traced, "sweep_syscalls")
    finish()


if __name__ == "__main__":
    main()
