"""A stand-in for the Docker Engine on a unix socket: many containers, any fate, and every kind of misbehaviour."""

import collections
import http.server
import json
import os
import secrets
import socketserver
import tempfile
import threading
import time
import urllib.parse

from .ledger import LEDGER
from .request_parser import UNREADABLE

Asked = collections.namedtuple("Asked", "at method target")


class StubContainer:
    def __init__(self, name, labels, restart, image):
        self.id = secrets.token_hex(32)
        self.name, self.labels, self.restart, self.image = name, labels, restart, image
        self.status, self.exit_code, self.oom, self.restarts = "running", 0, False, 0
        self.health = None
        self.created = self.started = time.time()
        self.finished = 0.0
        self.pid = 100_000 + secrets.randbelow(100_000)

    def listed(self):
        text = f"Up {int(time.time() - self.started)} seconds"
        if self.status != "running":
            text = f"Exited ({self.exit_code}) {max(0, int(time.time() - self.finished))} seconds ago"
        elif self.health:
            text += f" ({self.health})" if self.health != "starting" else " (health: starting)"
        return {
            "Id": self.id, "Names": ["/" + self.name], "Image": self.image, "ImageID": "sha256:" + "a" * 64,
            "Command": "sleep", "Created": int(self.created), "Ports": [], "Labels": self.labels, "State": self.status,
            "Status": text, "HostConfig": {"NetworkMode": "default"}, "Mounts": [],
            "NetworkSettings": {"Networks": {}},
        }

    def inspected(self):
        running = self.status == "running"
        state = {
            "Status": self.status, "Running": running, "Paused": False, "Restarting": False, "OOMKilled": self.oom,
            "Dead": False, "Pid": self.pid if running else 0, "ExitCode": self.exit_code, "Error": "",
            "StartedAt": _rfc3339(self.started), "FinishedAt": _rfc3339(self.finished),
        }
        if self.health:
            state["Health"] = {"Status": self.health, "FailingStreak": 0 if self.health == "healthy" else 3, "Log": []}
        return {
            "Id": self.id, "Created": _rfc3339(self.created), "Path": "sleep", "Args": [], "State": state,
            "Image": "sha256:" + "a" * 64, "Name": "/" + self.name, "RestartCount": self.restarts,
            "HostConfig": {"RestartPolicy": {"Name": self.restart, "MaximumRetryCount": 0}, "AutoRemove": False,
                           "NetworkMode": "default", "Memory": 0},
            "Config": {"Hostname": self.id[:12], "Image": self.image, "Labels": self.labels, "Env": [], "Tty": False},
            "NetworkSettings": {"Networks": {}},
        }


class EngineStub:
    """Modes: `normal`; `hang` (accepts, never answers); `html`; `forbidden` (403); `halfway` (ends inside a JSON
    value); `silent` (event streams open and say nothing)."""

    def __init__(self, version="1.41", minimum="1.12", node="stubhost"):
        self.folder = tempfile.mkdtemp(prefix="custos-stub-")
        os.chmod(self.folder, 0o755)
        self.socket = os.path.join(self.folder, "docker.sock")
        self.version, self.minimum, self.node = version, minimum, node
        self.mode = "normal"
        self.requests = []
        self.containers = {}
        self.history = collections.deque(maxlen=256)
        self._streams = {}
        self._lock = threading.RLock()
        self._server = None
        self.up()

    # Up and down

    def up(self):
        stub = self

        class Handler(_Handler):
            owner = stub

        server = _Server(self.socket, Handler)
        os.chmod(self.socket, 0o666)
        self._server = server
        self._closing = threading.Event()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self):
        """Stops listening and ends every stream."""
        if self._server is None:
            return
        server, self._server = self._server, None
        self._closing.set()
        server.shutdown()
        server.server_close()
        self.cut()
        if os.path.exists(self.socket):
            os.unlink(self.socket)

    def close(self):
        self.down()
        os.rmdir(self.folder)

    def cut(self):
        """Ends every event stream, as a proxy's time limit does."""
        with self._lock:
            streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.close()

    @property
    def listeners(self):
        with self._lock:
            return len(self._streams)

    def asked(self, part):
        """The requests so far whose target contains `part`."""
        with self._lock:
            return [request for request in self.requests if part in request.target]

    # Fates

    def add(self, name, labels=None, restart="always", image="stub/image:1", health=None, told=True):
        """A running container; `told`: with the events that its start makes."""
        with self._lock:
            container = StubContainer(name, labels or {}, restart, image)
            container.health = health
            self.containers[name] = container
            if told:
                self._tell(container, "create")
                self._tell(container, "start")
            return container

    def service(self, project, service, number=1, **options):
        labels = {
            "com.docker.compose.project": project, "com.docker.compose.service": service,
            "com.docker.compose.container-number": str(number), "com.docker.compose.oneoff": "False",
        }
        return self.add(f"{project}-{service}-{number}", labels, **options)

    def die(self, name, code=1, oom=False):
        """Its process ends and nobody asked for it."""
        with self._lock:
            container = self.containers[name]
            if oom:
                container.oom = True
                self._tell(container, "oom")
                self._tell(container, "oom")
            container.status, container.exit_code, container.finished = "exited", code, time.time()
            if container.restart != "no":
                # As the engine does it: at the end, before it tells of it, for the start that it is going to make.
                container.restarts += 1
            return self._tell(container, "die", exitCode=str(code))

    def start(self, name):
        """It runs again."""
        with self._lock:
            container = self.containers[name]
            container.status, container.started, container.oom = "running", time.time(), False
            return self._tell(container, "start")

    def stop(self, name, code=143):
        """`docker stop`: the kill comes first, the stop after the end."""
        with self._lock:
            container = self.containers[name]
            self._tell(container, "kill", signal="15")
            container.status, container.exit_code, container.finished = "exited", code, time.time()
            self._tell(container, "die", exitCode=str(code))
            return self._tell(container, "stop")

    def become(self, name, health):
        with self._lock:
            container = self.containers[name]
            container.health = health
            return self._tell(container, f"health_status: {health}")

    def remove(self, name):
        with self._lock:
            return self._tell(self.containers.pop(name), "destroy")

    def tell_raw(self, data):
        """Bytes on every event stream, whatever they are."""
        with self._lock:
            for stream in self._streams.values():
                stream.send(data)

    def _tell(self, container, action, **attributes):
        now = time.time_ns()
        event = {
            "status": action, "id": container.id, "from": container.image, "Type": "container", "Action": action,
            "Actor": {"ID": container.id,
                      "Attributes": {"image": container.image, "name": container.name, **container.labels,
                                     **attributes}},
            "scope": "local", "time": now // 1_000_000_000, "timeNano": now,
        }
        self.history.append(event)
        if self.mode != "silent":
            for stream in self._streams.values():
                stream.offer(event)
        return event


class _Stream:
    """One client of `/events`: chunks, filtered by action as the engine filters them."""

    def __init__(self, handler, actions):
        self.handler, self.actions = handler, actions
        self.ended = threading.Event()
        self._lock = threading.Lock()

    def offer(self, event):
        # The engine matches `health_status` with `health_status: healthy`.
        if not self.actions or event["Action"] in self.actions or event["Action"].split(":")[0] in self.actions:
            self.send(json.dumps(event).encode() + b"\n")

    def send(self, data):
        try:
            with self._lock:
                self.handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.handler.wfile.flush()
        except OSError:
            self.ended.set()

    def close(self):
        self.ended.set()


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass  # a client that was killed leaves broken connections


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner = None

    def parse_request(self):
        words = self.raw_requestline.decode("latin-1").split()
        LEDGER.took(*words[:2] if len(words) == 3 else UNREADABLE)
        return super().parse_request()

    def do_GET(self):
        stub = self.owner
        with stub._lock:
            stub.requests.append(Asked(time.monotonic(), self.command, self.path))
            mode = stub.mode
        if mode == "hang":
            stub._closing.wait()
            self.close_connection = True
            return
        if mode == "html":
            return self._answer(200, b"<!doctype html><html><body>It works!</body></html>", "text/html")
        if mode == "forbidden":
            return self._answer(403, b"<html><body><h1>403 Forbidden</h1></body></html>", "text/html")
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        parts = url.path.strip("/").split("/")
        if parts[0].startswith("v1."):
            asked = tuple(map(int, parts.pop(0)[1:].split(".")))
            if asked > tuple(map(int, stub.version.split("."))):
                return self._json({"message": f"client version {url.path} is too new. Maximum supported API version is "
                                              f"{stub.version}"}, 400)
        match parts:
            case ["_ping"]:
                self._answer(200, b"OK", "text/plain")
            case ["version"]:
                self._json({"Version": "20.10.24", "ApiVersion": stub.version, "MinAPIVersion": stub.minimum,
                            "Os": "linux", "Arch": "amd64", "KernelVersion": "6.1.0"})
            case ["info"]:
                self._json({"ID": "STUB", "Name": stub.node, "Containers": len(stub.containers), "Driver": "overlay2",
                            "ServerVersion": "20.10.24", "CgroupVersion": "2", "LiveRestoreEnabled": False})
            case ["events"]:
                self._events(query)
            case ["containers", "json"]:
                with stub._lock:
                    rows = [c.listed() for c in stub.containers.values()
                            if c.status == "running" or query.get("all", ["0"])[0] in ("1", "true")]
                self._json(rows)
            case ["containers", name, "json"]:
                with stub._lock:
                    found = [c.inspected() for c in stub.containers.values() if name in (c.name, c.id)]
                if found:
                    self._json(found[0])
                else:
                    self._json({"message": f"No such container: {name}"}, 404)
            case _:
                self._json({"message": "page not found"}, 404)

    do_HEAD = do_GET

    def _events(self, query):
        stub = self.owner
        filters = json.loads(query.get("filters", ["{}"])[0])
        actions = set(filters.get("event", []))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        stream = _Stream(self, actions)
        with stub._lock:
            if since := query.get("since"):
                seconds, _, fraction = since[0].partition(".")
                after = int(seconds) * 1_000_000_000 + int(fraction.ljust(9, "0")[:9] or 0)
                for event in stub.history:
                    if event["timeNano"] >= after:
                        stream.offer(event)
            stub._streams[id(stream)] = stream
        self.connection.settimeout(None)
        stream.ended.wait()
        with stub._lock:
            stub._streams.pop(id(stream), None)
        self.close_connection = True

    def _json(self, content, status=200):
        data = json.dumps(content).encode() + b"\n"
        if self.owner.mode == "halfway" and len(data) > 20:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[:len(data) // 2])
            self.close_connection = True
            return None
        return self._answer(status, data, "application/json")

    def _answer(self, status, data, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Api-Version", self.owner.version)
        self.send_header("Ostype", "linux")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass


def _rfc3339(seconds):
    if not seconds:
        return "0001-01-01T00:00:00Z"
    nanoseconds = int(seconds * 1_000_000_000)
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(nanoseconds // 1_000_000_000))
    return f"{whole}.{nanoseconds % 1_000_000_000:09d}Z"
