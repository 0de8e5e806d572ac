#!/usr/bin/env python3
"""A webhook receiver that answers 204 as fast as it can and counts: a process of its own.

    swallow.py [HOST]

Prints its port. For each line on its standard input it prints what came so far as JSON: `events`, `requests`, `bytes`,
and the moments (monotonic, in nanoseconds) of the `first` and the `last` request.
"""

import json
import selectors
import socket
import sys
import time


class Count:
    def __init__(self):
        self.bodies, self.events, self.requests, self.bytes, self.first, self.last = [], 0, 0, 0, 0, 0

    def took(self, body):
        self.last = time.monotonic_ns()
        self.first = self.first or self.last
        self.requests += 1
        self.bytes += len(body)
        self.bodies.append(body)

    def told(self):
        # Read only when asked: what a receiver does with a body is not what is measured.
        for content in map(json.loads, self.bodies):
            alerts = content["alerts"] if "alerts" in content else content if isinstance(content, list) else [content]
            self.events += len(alerts)
        self.bodies.clear()
        return {key: getattr(self, key) for key in ("events", "requests", "bytes", "first", "last")}


def requests(buffer):
    """Cuts the whole requests off a buffer; their bodies."""
    while (end := buffer.find(b"\r\n\r\n")) >= 0:
        head = bytes(buffer[:end]).lower()
        _, _, length = head.partition(b"\r\ncontent-length:")
        size = end + 4 + int(length.split(b"\r\n", 1)[0] or 0)
        if len(buffer) < size:
            return
        yield bytes(buffer[end + 4:size])
        del buffer[:size]


def main():
    listener = socket.create_server((sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1", 0), backlog=16)
    print(listener.getsockname()[1], flush=True)
    selector, count = selectors.DefaultSelector(), Count()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection, selectors.EVENT_READ, bytearray())
            elif key.fileobj is sys.stdin:
                if not sys.stdin.readline():
                    return
                print(json.dumps(count.told()), flush=True)
            elif data := key.fileobj.recv(1 << 20):
                key.data.extend(data)
                for body in requests(key.data):
                    key.fileobj.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                    count.took(body)
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()


if __name__ == "__main__":
    main()
