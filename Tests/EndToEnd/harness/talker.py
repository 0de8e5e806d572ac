"""A program on a machine that makes TCP connections in whatever state a test asks for."""

import subprocess

from . import children

PROGRAM = """
import resource, socket, struct, sys
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
kept, servers = [], {}

def server(backlog=1024, family=socket.AF_INET):
    listener = socket.socket(family)
    listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    listener.listen(backlog)
    servers[listener.getsockname()[1]] = listener
    return listener

def pair(listener):
    client = socket.socket(listener.family)
    client.connect(listener.getsockname())
    return client, listener.accept()[0]

def overflow(port, count):
    for _ in range(count):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", port))
        kept.append(client)

def drop(port):
    for side in [side for side in kept if port in (side.getsockname()[1], (side.getpeername() or [0, 0])[1])]:
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        side.close()
        kept.remove(side)

for line in sys.stdin:
    word, *numbers = line.split()
    first, *rest = map(int, numbers)
    if word == "listen":
        print(server(first).getsockname()[1], flush=True)
        continue
    if word == "listen6":
        print(server(family=socket.AF_INET6).getsockname()[1], flush=True)
        continue
    if word == "overflow":
        overflow(first, *rest)
    elif word == "drop":
        drop(first)
    else:
        for _ in range(rest[0]):
            client, peer = pair(servers[first])
            if word == "close_wait":
                client.close()
                kept.append(peer)
            elif word == "time_wait":
                client.close()
                peer.close()
            else:
                kept.extend([client, peer])
    print("done", flush=True)
"""


class Talker:
    """Runs in the network namespace of `machine` until it is closed, which ends its connections as well."""

    def __init__(self, machine):
        inside = ["nsenter", f"--net=/proc/{machine.first.pid}/ns/net", "--", "python3", "-c", PROGRAM]
        self.process = children.start(inside, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, word, *numbers):
        self.process.stdin.write(" ".join([word, *map(str, numbers)]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer, (word, numbers, self.process.poll())
        return answer

    def listen(self, backlog=1024):
        """A new server over IPv4 that accepts only what `connect` and its like make; its port."""
        return int(self.ask("listen", backlog))

    def listen6(self):
        """The same over IPv6."""
        return int(self.ask("listen6", 0))

    def close(self):
        children.end(self.process)
        self.process.stdin.close()
        self.process.stdout.close()
