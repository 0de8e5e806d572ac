"""What a daemon has done so far: its own metrics, and callgrind's and strace's counts of it."""

import contextlib
import glob
import re
import signal
import socket
import subprocess
import urllib.request

import figures  # which says where the harness is
from harness import children
from harness.waiting import eventually

ALLOCATORS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign"}
METRIC = re.compile(r'^custos_check_(last_success_timestamp_seconds|skipped_turns_total)\{check="(\w+)"\} (\S+)$', re.M)
# Without a prefix valgrind puts its pipes into /tmp, and vgdb looks for them in TMPDIR.
CALLGRIND = ["valgrind", "-q", "--fair-sched=try", "--tool=callgrind", "--callgrind-out-file=FOLDER/counts",
             "--vgdb-prefix=FOLDER/vgdb"]


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def fetch(address):
    """The metrics that a program serves there."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=60) as answer:
        return answer.read().decode()


def never_looked(address):
    """The checks whose first look has not ended."""
    text = fetch(address)
    of = {name: set(re.findall(rf'^custos_check_{name}{{check="(\w+)"}}', text, re.M))
          for name in ("success", "duration_seconds")}
    return of["success"] - of["duration_seconds"]


def progress(address):
    """Of each check: when it last looked, and how many turns it left out."""
    found = METRIC.findall(fetch(address))
    looked = {kind: float(value) for name, kind, value in found if name.startswith("last")}
    skipped = {kind: float(value) for name, kind, value in found if name.startswith("skipped")}
    return {kind: (moment, skipped[kind]) for kind, moment in looked.items()}


def dumped(pid, folder):
    """(instructions, allocations) of a process under `CALLGRIND` since the last time."""
    command = ["vgdb", f"--vgdb-prefix={folder}/vgdb", f"--pid={pid}", "dump"]
    subprocess.run(command, check=True, capture_output=True)
    latest = max(glob.glob(f"{folder}/counts.*"), key=lambda path: int(path.rpartition(".")[2]))
    with open(latest) as file:
        text = file.read()
    return int(re.search(r"^(?:summary|totals): (\d+)", text, re.M).group(1)), allocations(text)


def allocations(text):
    """How often callgrind saw the allocator called. It writes a function's name only where its number comes first."""
    named = {number for number, name in re.findall(r"^c?fn=\((\d+)\) (\S+)$", text, re.M) if name in ALLOCATORS}
    called = re.findall(r"^cfn=\((\d+)\)[^\n]*\ncalls=(\d+)", text, re.M)
    return sum(int(count) for number, count in called if number in named)


def followed(pid):
    """Whether each thread of a process has a tracer."""
    for status in glob.glob(f"/proc/{pid}/task/*/status"):
        with contextlib.suppress(FileNotFoundError), open(status) as file:
            if "\nTracerPid:\t0\n" in file.read():
                return False
    return True


def calls(pid, folder, meanwhile):
    """System calls of a process, all threads, while something goes on."""
    path = f"{folder}/calls"
    tracer = children.start(["strace", "-f", "-c", "-U", "calls,name", "-o", path, "-p", pid],
                            stderr=subprocess.DEVNULL)
    eventually("strace follows every thread", lambda: followed(pid), 20)
    meanwhile()
    children.end(tracer, how=signal.SIGINT)
    with open(path) as file:
        return int(re.search(r"^ *(\d+) total$", file.read(), re.M).group(1))
