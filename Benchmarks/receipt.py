#!/usr/bin/env python3
"""A webhook receiver that does next to nothing: notes each request's first bytes, answers 204, keeps the body.

A process of its own, so that what the driver does does not delay the clock. Prints its port, then at the end of its
standard input every event with its moment: `{"arrived_ns": ..., "event": {...}}`, one a line.
"""

import json
import select
import socket
import sys
import time


def main():
    listener = socket.create_server((sys.argv[1], 0), backlog=16)
    print(listener.getsockname()[1], flush=True)
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    poller.register(sys.stdin, select.EPOLLIN | select.EPOLLHUP)
    connections, received = {}, []
    while True:
        for descriptor, _ in poller.poll():
            now = time.time_ns()
            if descriptor == sys.stdin.fileno():
                return tell(received)
            if descriptor == listener.fileno():
                connection, _ = listener.accept()
                connections[connection.fileno()] = (connection, bytearray(), [])
                poller.register(connection, select.EPOLLIN)
                continue
            connection, buffer, began = connections[descriptor]
            data = connection.recv(1 << 20)
            if not data:
                poller.unregister(connection)
                connection.close()
                del connections[descriptor]
                continue
            began.append(now)
            buffer += data
            while (body := take(buffer)) is not None:
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                received.append((began[0], body))
                began.clear()


def take(buffer):
    """Cuts one whole request off the buffer; its body, or None while it is not whole."""
    head, end, _ = bytes(buffer).partition(b"\r\n\r\n")
    if not end:
        return None
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
    size = len(head) + 4 + int(fields.get(b"content-length", 0))
    if len(buffer) < size:
        return None
    body = bytes(buffer[len(head) + 4:size])
    del buffer[:size]
    return body


def tell(received):
    for arrived, body in received:
        content = json.loads(body)
        for event in content if isinstance(content, list) else [content]:
            print(json.dumps({"arrived_ns": arrived, "event": event}))


if __name__ == "__main__":
    main()
