"""What the engine tells of its containers, as it happens: it remembers 256 events itself, a few seconds' worth of
health checks."""

import json
import socket
import threading
import time
import urllib.parse

from . import unix_http


class EngineEvents:
    """The container events of some actions, from now on until `close`."""

    def __init__(self, engine, *actions):
        self._seen, self._ended, self._closed = [], None, False
        filters = urllib.parse.quote(json.dumps({"type": ["container"], "event": list(actions)}))
        self._connection = unix_http.UnixConnection(engine.control, timeout=None)
        self._connection.request("GET", f"/v1.41/events?since={time.time():.9f}&filters={filters}")
        self._socket = self._connection.sock
        self._stream = self._connection.getresponse()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def seen(self):
        """All so far, oldest first; fails when the engine has stopped to tell."""
        if self._ended is not None:
            raise AssertionError(f"the engine's events ended: {self._ended!r}")
        return self._seen

    def close(self):
        self._closed = True
        # A reader that waits holds what `close` waits for.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._connection.close()

    def _listen(self):
        try:
            for line in self._stream:
                self._seen.append(json.loads(line))
            raise EOFError
        except (OSError, ValueError, EOFError) as error:
            if not self._closed:
                self._ended = error
