"""Custos as a black box: on the host or in the hardened container, told by its environment, judged by its output."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

from . import children, engine, names, unix_http
from .program import binary
from .receiver import matching
from .waiting import eventually

NOBODY = 65532


def once(*arguments, environment=None, timeout=60, text=None, under=()):
    """Runs one command to its end, `under` another; the finished process with stdout and stderr as text."""
    return subprocess.run([*under, binary(), *arguments], env=_clean(environment or {}), input=text,
                          capture_output=True, text=True, timeout=timeout, check=False)


def _clean(environment):
    """Only what a test says, so that nothing of the developer's own environment changes the outcome."""
    return {"PATH": os.environ["PATH"], "TZ": "UTC", **environment}


class Output:
    """What Custos wrote: events on stdout, log lines on stderr, with their time of arrival."""

    def __init__(self):
        self._lock = threading.Lock()
        self._events, self._stray, self._log = [], [], []

    def took(self, line, is_event):
        arrived = time.time_ns()
        with self._lock:
            if not is_event:
                self._log.append((arrived, line))
                return
            try:
                self._events.append((arrived, json.loads(line)))
            except ValueError:
                self._stray.append(line)

    @property
    def events(self):
        with self._lock:
            return [event for _, event in self._events]

    @property
    def stray(self):
        """Lines on stdout that are no event: there must be none."""
        with self._lock:
            return list(self._stray)

    @property
    def log(self):
        with self._lock:
            return "\n".join(line for _, line in self._log)

    def alerts(self, **fields):
        return matching(self.events, kind="alert", **fields)

    def until(self, timeout=15.0, **fields):
        """Waits for an event on stdout with these fields; the first one."""
        def what():
            return f"an event with {fields}; there are {brief(self.events)}\nlog: {self.log[-2000:]}"
        return eventually(what, lambda: matching(self.events, **fields), timeout)[0]


    def started(self, start, timeout):
        """Runs `start` and waits for one more `started` event than there were before; what `start` returns."""
        def count():
            return len(matching(self.events, kind="lifecycle", reason="started"))
        before, outcome = count(), start()
        eventually(lambda: f"a started event; log: {self.log[-2000:]}", lambda: count() > before, timeout)
        return outcome


def brief(events):
    return [tuple(e.get(k) for k in ("kind", "reason", "severity", "measure", "target", "state")) for e in events]


def decided(journal):
    """Every event in a journal, in the order of decision, told or not."""
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True, timeout=10) as database:
        rows = names.journal_events(database)
    database.close()
    return [json.loads(body) for _, _, body in rows]


class Custos:
    """Custos as a process of this host. Journal and control socket are in a private folder that outlives restarts."""

    def __init__(self, environment=None, arguments=("run",)):
        self.folder = tempfile.mkdtemp(prefix="custos-state-", dir=os.environ.get("CUSTOS_STATE_DIR"))
        self.journal = os.path.join(self.folder, "journal.db")
        self.arguments = arguments
        # A tool to run it under, one that keeps the process id: `["strace", "-D", …]`.
        self.under = []
        self.environment = {
            names.JOURNAL: self.journal, names.CONTROL: os.path.join(self.folder, "control.sock"),
            names.STATUS: "off", names.NODE: "testhost", names.STDOUT_FORMAT: "json",
            names.DOCKER_HOST: "unix://" + os.path.join(self.folder, "no-engine.sock"), **(environment or {}),
        }
        self.output = Output()
        self.process = None
        self._readers = []

    def start(self):
        self.process = children.start([*self.under, binary(), *self.arguments], env=_clean(self.environment),
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, True), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, False), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        return self

    def start_unread(self):
        """As `start`, but nobody ever reads stdout."""
        self.process = children.start([binary(), *self.arguments], env=_clean(self.environment),
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        return self

    def started(self, timeout=20):
        """Starts and waits for this start's `started` event, which comes after the first complete sweep was judged."""
        return self.output.started(self.start, timeout)

    def kill(self):
        """SIGKILL, whatever it is doing."""
        children.end(self.process, signal.SIGKILL)
        self._drain()

    def stop(self, patience=20):
        """SIGTERM; the exit status."""
        status = children.end(self.process, signal.SIGTERM, patience)
        self._drain()
        return status

    def ended(self, timeout=20):
        """Waits for an end of its own; the exit status."""
        self.process.wait(timeout)
        self._drain()
        return children.end(self.process)

    @contextlib.contextmanager
    def paused(self):
        """It stands still meanwhile: what happens within is seen as a whole, and nothing of what is between."""
        def stands():
            with open(f"/proc/{self.process.pid}/stat") as file:
                return file.read().rpartition(") ")[2][0] == "T"
        self.process.send_signal(signal.SIGSTOP)
        try:
            eventually("it stands still", stands)
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def threads(self):
        """The names of its threads by their ids, without one that ends meanwhile."""
        tasks, found = f"/proc/{self.process.pid}/task", {}
        for thread in os.listdir(tasks):
            with contextlib.suppress(OSError), open(f"{tasks}/{thread}/comm") as file:
                found[int(thread)] = file.read().strip()
        return found

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def command(self, *arguments, timeout=30):
        """Another command of the same installation, such as `health`."""
        return once(*arguments, environment=self.environment, timeout=timeout)

    def decided(self):
        return decided(self.journal)

    def waiting(self):
        with sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True, timeout=10) as database:
            count = names.journal_waiting(database)
        database.close()
        return count

    def close(self):
        if self.process is not None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, stream, is_event):
        with stream:
            for line in stream:
                self.output.took(line.decode(errors="replace").rstrip("\n"), is_event)

    def _drain(self):
        for reader in self._readers:
            reader.join(5)


def _root_options():
    """How the host's root is mounted: the engine refuses `rslave` where nothing could come from it."""
    with open("/proc/self/mountinfo") as file:
        mounts = [line.split() for line in file]
    root = [mount for mount in mounts if mount[4] == "/"][-1]
    spreads = any(field.startswith(("shared:", "master:")) for field in root[6:root.index("-")])
    return "ro,rslave" if spreads else "ro"


class HardenedCustos:
    """Custos in a container as compose/compose.yaml runs it: uid 65532, read-only root, no capability, bridged."""

    def __init__(self, house, socket, environment=None, name="custos", folder_mount=False, image=engine.CUSTOS,
                 memory=64 << 20, host=None):
        """`house` runs the container; `socket` is the watched engine's.

        `folder_mount` mounts the socket's folder instead of it, so that a restarted engine's new socket is seen.
        `memory` is the container's limit in bytes; `host` is merged into the API's HostConfig.
        """
        self.house, self.socket, self.name = house, socket, name
        self.image, self.memory, self.host = image, memory, host or {}
        # Merged into the API's body; and whether it watches itself.
        self.config, self.labels = {}, {"custos.ignore": "true"}
        self.output = Output()
        self.folder = tempfile.mkdtemp(prefix="custos-state-", dir=os.environ.get("CUSTOS_STATE_DIR"))
        self.journal = os.path.join(self.folder, "journal.db")
        os.chown(self.folder, NOBODY, NOBODY)
        inside = "/var/run/docker.sock"
        mount = f"{socket}:{inside}"
        if folder_mount:
            inside = "/host/docker/" + os.path.basename(socket)
            mount = f"{os.path.dirname(socket)}:/host/docker"
        self.environment = {
            names.NODE: "testhost", names.STATUS: "off", names.DOCKER_HOST: f"unix://{inside}", **(environment or {}),
        }
        self.mounts = ["/proc:/host/proc:ro", "/sys:/host/sys:ro", "/:/host/root:" + _root_options(), mount,
                       f"{self.folder}:/var/lib/custos"]
        self.container = None
        self._followers = []

    def create(self, command=("run",), name=None):
        group = os.stat(self.socket).st_gid
        config = {"Env": [f"{key}={value}" for key, value in self.environment.items()], "User": "65532:65532",
                  "StopTimeout": 10, **self.config}
        host = {
            "Binds": self.mounts, "GroupAdd": [str(group)], "ReadonlyRootfs": True, "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges:true"], "PidsLimit": 64,
            "Memory": self.memory, "MemorySwap": self.memory,
            "Tmpfs": {"/run/custos": "uid=65532,gid=65532,mode=0750,size=1m"}, **self.host,
        }
        return self.house.run(command, name=name, image=self.image, start=False, config=config, host=host,
                              labels=self.labels)

    def start(self):
        if self.container is None:
            self.container = self.create(name=self.name)
        began = time.time()
        self.container.start()
        follower = threading.Thread(target=self._follow, args=(began,), daemon=True)
        follower.start()
        self._followers.append(follower)
        return self

    def started(self, timeout=20):
        return self.output.started(self.start, timeout)

    def once(self, *command, timeout=60):
        """Runs one command in a container of its own; (exit code, stdout, stderr)."""
        container = self.create(command)
        try:
            container.start()
            code = container.wait(timeout)
            return (code, *container.output())
        finally:
            container.remove()

    def stop(self):
        self.container.stop(10)
        for follower in self._followers:
            follower.join(5)
        return self.container.inspect()["State"]["ExitCode"]

    def close(self):
        if self.container is not None:
            self.container.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _follow(self, since):
        """Reads the container's log as the engine multiplexes it, until the container ends."""
        target = f"/v1.41/containers/{self.container.id}/logs?stdout=1&stderr=1&follow=1&since={since:.3f}"
        connection = unix_http.UnixConnection(self.house.control, timeout=None)
        try:
            connection.request("GET", target)
            stream = connection.getresponse()
            rest = {1: b"", 2: b""}
            while len(header := stream.read(8)) == 8:
                channel = header[0]
                rest[channel] += stream.read(int.from_bytes(header[4:], "big"))
                *lines, rest[channel] = rest[channel].split(b"\n")
                for line in lines:
                    self.output.took(line.decode(errors="replace"), channel == 1)
        except (OSError, ValueError, http.client.HTTPException):
            pass  # the engine was stopped; what was read so far stays
        finally:
            connection.close()
