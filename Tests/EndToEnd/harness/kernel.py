"""Parameters of this machine's kernel that a test changes for a while, and that get their value back in any case."""

import contextlib
import glob
import subprocess
import sys

from . import children

# SIGTERM is taken only where it is waited for: nothing interrupts the restoring.
HOLD = """
import signal, sys
path, during, after = sys.argv[1:]
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
with open(path, "w") as file:
    file.write(during)
print("set", flush=True)
signal.sigwait([signal.SIGTERM])
with open(path, "w") as file:
    file.write(after)
"""


def read(path):
    with open(path) as file:
        return file.read().strip()


@contextlib.contextmanager
def changed(path, during, after=None):
    """`path` is `during` within, and then what it was or `after`: a child sees to it, also when we are killed."""
    after = read(path) if after is None else after
    holder = children.start([sys.executable, "-c", HOLD, path, str(during), str(after)], when_we_die="TERM",
                            stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "set\n", f"{path} cannot be written"
        yield
    finally:
        children.end(holder)
        holder.stdout.close()


def tracked_connections():
    """How many connections the network namespace that tracks most of them has."""
    most = 0
    for path in glob.glob("/proc/[0-9]*/net/stat/nf_conntrack"):
        # Processes end, and not every namespace tracks.
        with contextlib.suppress(OSError, IndexError, ValueError):
            most = max(most, int(read(path).splitlines()[1].split()[0], 16))
    return most
