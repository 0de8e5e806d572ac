"""A shell with a person before it: types into a pseudo-terminal, and reads what appears."""

import fcntl
import os
import pty
import re
import select
import termios
import time

from . import children

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x1b.")


class Terminal:
    def __init__(self, arguments, environment):
        self._ours, theirs = pty.openpty()
        # Wide enough that no shell wraps a line.
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, (200).to_bytes(2, "little") * 2 + bytes(4))
        self._child = children.start(arguments, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
                                     start_new_session=True,
                                     preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self._seen = ""

    def type(self, text):
        """Types; what appeared before is forgotten."""
        self._seen = ""
        os.write(self._ours, text.encode())

    def until(self, pattern, timeout=30.0):
        """Reads until the pattern appears; its match."""
        deadline = time.monotonic() + timeout
        while True:
            match = re.search(pattern, _ESCAPES.sub("", self._seen))
            if match:
                return match
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._ours], [], [], left)[0]:
                raise AssertionError(f"{pattern!r} did not appear; there is {self._seen!r}")
            try:
                got = os.read(self._ours, 65536).decode(errors="replace")
            except OSError:  # the shell has gone
                got = ""
            if not got:
                raise AssertionError(f"the shell ended before {pattern!r}; there is {self._seen!r}")
            self._seen += got
            # fish asks what the terminal can do and waits for the answer.
            if "\x1b[c" in got or "\x1b[0c" in got:
                os.write(self._ours, b"\x1b[?62;c")

    def rest(self, timeout=60.0):
        """Everything that was not waited for until now, up to the program's end, as it came: with escapes."""
        deadline = time.monotonic() + timeout
        while select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))[0]:
            try:
                self._seen += os.read(self._ours, 65536).decode(errors="replace")
            except OSError:  # nobody has the other side any more
                return self._seen
        raise AssertionError(f"it goes on; there is {self._seen!r}")

    def close(self):
        children.end(self._child, patience=2)
        os.close(self._ours)
