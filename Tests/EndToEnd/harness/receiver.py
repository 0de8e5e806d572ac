"""A webhook receiver that does what it is told and remembers what it got, to the nanosecond."""

import collections
import http.server
import json
import os
import socket
import struct
import threading
import time

Request = collections.namedtuple("Request", "arrived_ns path headers body events answered")


class Answer:
    """How the receiver behaves towards one request."""

    def __init__(self, status=200, headers=None, body=b"", wait=0.0, reset=False, silent=False, late=False):
        self.status = status
        self.headers = headers or {}
        self.body = body
        self.wait = wait
        self.reset = reset
        self.silent = silent
        self.late = late


OK = Answer()
RESET = Answer(reset=True)
"""Reads the request, then resets the connection instead of answering."""
SILENT = Answer(silent=True)
"""Reads the request and never answers."""


def status(code, **headers):
    return Answer(code, {name.replace("_", "-"): str(value) for name, value in headers.items()})


def slow(seconds, code=200):
    return Answer(code, wait=seconds)


def late(seconds):
    """An answer with 200 that comes when the sender must have given up: it counts as none."""
    return Answer(wait=seconds, late=True)


def redirect(location, code=302):
    return Answer(code, {"Location": location})


class Receiver:
    """`behave(...)` sets the behaviour: an `Answer`, or a function of the request's number (from 0) that gives one."""

    def __init__(self, host="127.0.0.1", behaviour=OK, tls=None):
        """`tls` is an `ssl.SSLContext` to speak HTTPS with."""
        self.host, self.tls = host, tls
        self.requests = []
        self._behaviour = behaviour
        self._lock = threading.Lock()
        self._server = None
        self._closing = threading.Event()
        self._connections = set()
        self.port = 0
        self.up()

    # Up and down

    @property
    def url(self):
        return f"http://{self.host}:{self.port}/hook"

    def up(self):
        """Listens, on the same port as before."""
        receiver = self
        self._closing = threading.Event()

        class Handler(_Handler):
            owner = receiver

        server = _Server((self.host, self.port), Handler)
        self.port = server.server_address[1]
        if self.tls is not None:
            server.socket = self.tls.wrap_socket(server.socket, server_side=True)
        self._server = server
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self):
        """Refuses connections, and breaks those that exist."""
        if self._server is None:
            return
        server, self._server = self._server, None
        self._closing.set()
        server.shutdown()
        server.server_close()
        with self._lock:
            connections, self._connections = self._connections, set()
        for connection in connections:
            _break(connection)

    close = down

    def behave(self, behaviour):
        with self._lock:
            self._behaviour = behaviour

    # What arrived

    @property
    def events(self):
        """Every event received, answered with 2xx or not, in the order of arrival; each as often as it came."""
        with self._lock:
            return [event for request in self.requests for event in request.events]

    @property
    def acknowledged(self):
        """The events of requests that were answered with 2xx."""
        with self._lock:
            return [e for r in self.requests if 200 <= r.answered < 300 for e in r.events]

    def alerts(self, **fields):
        """The alert events, each once (by id), whose fields have these values."""
        return matching(self.events, kind="alert", **fields)

    def arrival(self, identifier):
        """When the event with this id first arrived, in nanoseconds since 1970."""
        with self._lock:
            for request in self.requests:
                if any(event.get("id") == identifier for event in request.events):
                    return request.arrived_ns
        return None

    # For the handler

    def _admit(self, connection):
        with self._lock:
            self._connections.add(connection)

    def _dismiss(self, connection):
        with self._lock:
            self._connections.discard(connection)

    def _record(self, path, headers, body, arrived):
        with self._lock:
            number = len(self.requests)
            answer = self._behaviour(number) if callable(self._behaviour) else self._behaviour
            answered = 0 if answer.reset or answer.silent or answer.late else answer.status
            self.requests.append(Request(arrived, path, headers, body, _events(body), answered))
        return answer


def matching(events, **fields):
    """The events with these values, each id once; a value may be a function that judges."""
    found = {}
    for event in events:
        if all(want(event.get(key)) if callable(want) else event.get(key) == want for key, want in fields.items()):
            found.setdefault(event["id"], event)
    return list(found.values())


def _events(body):
    try:
        content = json.loads(body)
    except ValueError:
        return []
    content = content if isinstance(content, list) else [content]
    return [event for event in content if isinstance(event, dict) and "id" in event]


def _reset(connection):
    """Closes with RST instead of FIN: at once, though the handler's files still hold the socket."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
    except OSError:
        pass


def _break(connection):
    """Ends a connection of another thread, which wakes and closes it."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a broken connection is what many tests want


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    owner = None

    def setup(self):
        super().setup()
        self.owner._admit(self.connection)

    def finish(self):
        self.owner._dismiss(self.connection)
        super().finish()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.owner._record(self.path, dict(self.headers), body, time.time_ns())
        closing = self.owner._closing
        if answer.silent:
            closing.wait()
            answer = RESET
        if answer.wait and closing.wait(answer.wait) and answer.late:
            answer = RESET  # cut short, it would not be late
        if answer.reset:
            self.close_connection = True
            _reset(self.connection)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def do_GET(self):
        self.owner._record(self.path, dict(self.headers), b"", time.time_ns())
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass
