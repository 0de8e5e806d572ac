"""What a process costs: its CPU clock, and what /proc says."""

import os
import time

from harness.waiting import eventually


def calm():
    """Waits until hardly anything runs: while many tasks may be blocked, Custos looks at all threads."""
    eventually("nothing happens on the machine", lambda: os.getloadavg()[0] < 1, 900, every=5)


class Usage:
    """A moment of one process: cumulated CPU time and wake-ups of all its threads, and its memory."""

    def __init__(self, pid):
        # The kernel's clock of another process (CPUCLOCK_SCHED), in nanoseconds, threads that have ended included: a
        # pool's threads come and go, and a sum over those that live would miss most of an idle process' time.
        self.cpu = time.clock_gettime((~pid << 3) | 2)
        self.wakeups = {}
        for task in os.listdir(f"/proc/{pid}/task"):
            try:
                self.wakeups[task] = int(_field(f"/proc/{pid}/task/{task}/status", "voluntary_ctxt_switches"))
            except FileNotFoundError:
                pass  # the thread ended meanwhile
        self.threads = len(self.wakeups)
        self.anonymous = int(_field(f"/proc/{pid}/status", "RssAnon").split()[0]) / 1024
        self.resident = int(_field(f"/proc/{pid}/status", "VmRSS").split()[0]) / 1024
        self.pss = int(_field(f"/proc/{pid}/smaps_rollup", "Pss").split()[0]) / 1024

    def since(self, earlier):
        """(CPU seconds, wake-ups) from an earlier moment to this one, without wake-ups of threads that have ended."""
        wakeups = sum(value - earlier.wakeups.get(task, 0) for task, value in self.wakeups.items())
        return self.cpu - earlier.cpu, wakeups


def _read(path):
    with open(path) as file:
        return file.read()


def _field(path, name):
    for line in _read(path).splitlines():
        if line.startswith(name + ":"):
            return line.split(":", 1)[1].strip()
    raise KeyError(f"{name} in {path}")
