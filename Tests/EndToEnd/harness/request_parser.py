"""The requests in what a client sends over one connection, wherever the pieces begin and end."""

import re

_LINE = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.[01]")
_HEAD_LIMIT = 64 << 10

UNREADABLE = ("?", "what is no request of HTTP/1, or a tunnel")


class RequestParser:
    """As strict as the shipped proxy: after a body, an upgrade or anything unreadable nothing more is believed."""

    def __init__(self):
        self._head = b""
        self._is_opaque = False

    def feed(self, data):
        """The requests whose heads `data` completes, as (method, target); `UNREADABLE` once for all that follows."""
        found = []
        self._head += data
        while not self._is_opaque and b"\r\n\r\n" in self._head:
            head, _, self._head = self._head.partition(b"\r\n\r\n")
            found.append(self._request(head))
            self._is_opaque = found[-1] == UNREADABLE
        if not self._is_opaque and len(self._head) > _HEAD_LIMIT:
            self._is_opaque = True
            found.append(UNREADABLE)
        if self._is_opaque:
            self._head = b""
        return found

    @staticmethod
    def _request(head):
        line, *headers = head.split(b"\r\n")
        match = _LINE.fullmatch(line)
        fields = [tuple(part.strip().lower() for part in header.partition(b":")[::2]) for header in headers]
        carries = any(name in (b"transfer-encoding", b"upgrade") or (name == b"content-length" and value != b"0")
                      for name, value in fields)
        if not match or carries:
            return UNREADABLE
        return match[1].decode(), match[2].decode("latin-1")
