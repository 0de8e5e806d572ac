"""A proxy between Custos and an engine's socket: counts the requests, and can cut the connections."""

import collections
import os
import re
import socket
import tempfile
import threading
import time

Asked = collections.namedtuple("Asked", "at method target")
_LINE = re.compile(rb"(?:^|\r\n\r\n)(GET|HEAD|POST|PUT|DELETE) (\S+) HTTP/1\.[01]\r\n")


class Proxy:
    """Listens on `socket`, a unix socket in a folder of its own, and passes everything to `target`."""

    def __init__(self, target):
        self.target = target
        self.folder = tempfile.mkdtemp(prefix="custos-proxy-")
        os.chmod(self.folder, 0o755)
        self.socket = os.path.join(self.folder, "docker.sock")
        self.requests = []
        self._pairs = set()
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.socket)
        os.chmod(self.socket, 0o660)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Breaks every connection that is open now; new ones pass again. Returns how many there were."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for end in pair:
                _shut(end)
        return len(pairs)

    def since(self, moment):
        """The requests since a moment of `time.monotonic()`."""
        with self._lock:
            return [request for request in self.requests if request.at >= moment]

    def close(self):
        # shutdown wakes the accept; close alone would leave its thread waiting.
        _shut(self._listener)
        self._listener.close()
        self.cut()
        if os.path.exists(self.socket):
            os.unlink(self.socket)
            os.rmdir(self.folder)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                engine.connect(self.target)
            except OSError:
                client.close()
                engine.close()
                continue
            pair = (client, engine)
            with self._lock:
                self._pairs.add(pair)
            threading.Thread(target=self._pass, args=(client, engine, True, pair), daemon=True).start()
            threading.Thread(target=self._pass, args=(engine, client, False, pair), daemon=True).start()

    def _pass(self, source, destination, counted, pair):
        try:
            while data := source.recv(65536):
                if counted:
                    found = [Asked(time.monotonic(), *map(bytes.decode, m.groups())) for m in _LINE.finditer(data)]
                    with self._lock:
                        self.requests.extend(found)
                destination.sendall(data)
        except OSError:
            pass
        finally:
            _shut(source)
            _shut(destination)
            source.close()
            with self._lock:
                self._pairs.discard(pair)


def _shut(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
