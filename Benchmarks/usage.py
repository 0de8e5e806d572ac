"""What a process costs, read from /proc."""

import os


class Usage:
    """A moment of one process: cumulated CPU time and wake-ups of all its threads, and its memory."""

    def __init__(self, pid):
        self.cpu, self.wakeups = {}, {}
        for task in os.listdir(f"/proc/{pid}/task"):
            try:
                # schedstat counts nanoseconds; stat's clock ticks are too coarse for an idle process.
                self.cpu[task] = int(_read(f"/proc/{pid}/task/{task}/schedstat").split()[0]) / 1e9
                self.wakeups[task] = int(_field(f"/proc/{pid}/task/{task}/status", "voluntary_ctxt_switches"))
            except FileNotFoundError:
                pass  # the thread ended meanwhile
        self.threads = len(self.cpu)
        self.anonymous = int(_field(f"/proc/{pid}/status", "RssAnon").split()[0]) / 1024
        self.resident = int(_field(f"/proc/{pid}/status", "VmRSS").split()[0]) / 1024
        self.pss = int(_field(f"/proc/{pid}/smaps_rollup", "Pss").split()[0]) / 1024

    def since(self, earlier):
        """(CPU seconds, wake-ups) from an earlier moment to this one; threads that ended between are not counted."""
        cpu = sum(value - earlier.cpu.get(task, 0) for task, value in self.cpu.items())
        wakeups = sum(value - earlier.wakeups.get(task, 0) for task, value in self.wakeups.items())
        return cpu, wakeups


def _read(path):
    with open(path) as file:
        return file.read()


def _field(path, name):
    for line in _read(path).splitlines():
        if line.startswith(name + ":"):
            return line.split(":", 1)[1].strip()
    raise KeyError(f"{name} in {path}")
