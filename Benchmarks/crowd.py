"""Many processes and many TCP connections, made cheaply; both end with this process, however it ends."""

import os
import subprocess
import sys

import figures  # which says where the harness is
from harness import children

SLEEPERS = """
number=0
while [ "$number" -lt "$1" ]; do
    read -r _ <&3 &
    number=$((number + 1))
done 3<&0
echo there
wait
"""
"""A shell and its copies, which all wait for one pipe: when nobody holds its other end, they end."""

CONNECTED = """
import resource, socket, struct, sys
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
listener = socket.create_server(("127.0.0.1", 0))
kept = []
for _ in range(int(sys.argv[1]) // 2):
    client = socket.create_connection(listener.getsockname())
    kept += [client, listener.accept()[0]]
print("there", flush=True)
sys.stdin.read()
for end in kept:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
"""
"""A service and its clients: both ends of each connection are sockets of this machine. They are reset at the end: what
would wait in TIME_WAIT for a minute would be part of the next load."""

SERVICE = 5000
"""Sockets of one service: fewer than a process may open anywhere, and few of the ports to one destination."""


class Crowd:
    """What a program made `count` of, each of its processes at most `each`, until it is closed."""

    def __init__(self, command, count, each):
        self.processes = []
        for made in range(0, count, each):
            share = min(each, count - made)
            process = children.start([*command, share], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.processes.append(process)
            answer = process.stdout.readline()
            assert answer == "there\n", f"{share} were not made: {answer!r}"

    def close(self):
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            process.wait(120)
            process.stdout.close()
            children.end(process)


def sleepers(count):
    """Processes that wait."""
    return Crowd(["sh", "-c", SLEEPERS, "sh"], count, each=count)


def connected(count):
    """Sockets of established connections."""
    return Crowd([sys.executable, "-c", CONNECTED], count, each=SERVICE)


def network_of_our_own():
    """Starts this program again in a network of its own, which is the host's to whoever reads this procfs."""
    if os.environ.get("CROWD_ISOLATED") != "yes":
        os.environ["CROWD_ISOLATED"] = "yes"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "--bind", f"/proc/{os.getpid()}/net", "/proc/1/net"], check=True)


def processes():
    """How many the machine has."""
    return sum(name.isdigit() for name in os.listdir("/proc"))


def sockets():
    """How many TCP sockets the network has."""
    with open("/proc/net/sockstat") as file:
        fields = file.read().split()
    return int(fields[fields.index("inuse") + 1])
