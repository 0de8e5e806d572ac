"""What the engine tells of its containers, as it happens: it remembers 256 events itself, a few seconds' worth of
health checks."""

import json
import threading
import time
import urllib.parse

from . import unix_http


class EngineEvents:
    """The container events of some actions from now on, oldest first, in `seen`."""

    def __init__(self, engine, *actions):
        self.seen = []
        filters = urllib.parse.quote(json.dumps({"type": ["container"], "event": list(actions)}))
        self._connection = unix_http.UnixConnection(engine.control, timeout=None)
        self._connection.request("GET", f"/v1.41/events?since={time.time():.9f}&filters={filters}")
        self._stream = self._connection.getresponse()
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self):
        self._connection.close()

    def _listen(self):
        try:
            for line in self._stream:
                self.seen.append(json.loads(line))
        except (OSError, ValueError, AttributeError):
            pass  # the engine was stopped, or nobody listens any more
