"""A recorder between Custos and an engine's socket: passes every byte, knows every request, can cut the connections."""

import collections
import os
import socket
import tempfile
import threading
import time

from .ledger import LEDGER
from .request_parser import RequestParser

Asked = collections.namedtuple("Asked", "at method target")


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
        self._listener = None
        self.up()

    def up(self):
        """Listens, as who may open the target's socket may open this one."""
        if self._listener is not None:
            return
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.socket)
        status = os.stat(self.target) if os.path.exists(self.target) else None
        if status:
            os.chown(self.socket, status.st_uid, status.st_gid)
        os.chmod(self.socket, status.st_mode & 0o777 if status else 0o660)
        listener.listen(64)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def down(self):
        """No socket is there, as when the engine has stopped, and every connection is cut."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        os.unlink(self.socket)
        # shutdown wakes the accept; close alone would leave its thread waiting.
        _shut(listener)
        listener.close()
        self.cut()

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
        self.down()
        if os.path.exists(self.folder):
            os.rmdir(self.folder)

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
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
            recorded = RequestParser()
            threading.Thread(target=self._pass, args=(client, engine, recorded, pair), daemon=True).start()
            threading.Thread(target=self._pass, args=(engine, client, None, pair), daemon=True).start()

    def _pass(self, source, destination, recorded, pair):
        try:
            while data := source.recv(65536):
                if recorded:
                    self._record(recorded.feed(data))
                destination.sendall(data)
        except OSError:
            pass
        finally:
            _shut(source)
            _shut(destination)
            source.close()
            with self._lock:
                self._pairs.discard(pair)

    def _record(self, requests):
        """Before they are passed on: what has an answer has been recorded."""
        for method, target in requests:
            LEDGER.took(method, target)
            with self._lock:
                self.requests.append(Asked(time.monotonic(), method, target))


def _shut(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
