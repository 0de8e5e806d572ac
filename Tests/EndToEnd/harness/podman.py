"""A private Podman: its compatible API on a socket of its own, with folders and containers of its own."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse

from . import children, images, unix_http
from .engine import Container, Engine
from .ledger import LEDGER
from .proxy import Proxy
from .waiting import eventually

BUSYBOX = "docker.io/custos-e2e/podman-busybox:latest"

# crun knows no machine with both hierarchies of control groups and asks for more open files than some have.
_SETTINGS = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
events_logger = "file"
cgroup_manager = "cgroupfs"
runtime = "runc"
"""


class Podman(Engine):
    """`podman system service`, behind the same API as `dockerd`; its containers have no network."""

    def __init__(self):  # pylint: disable=super-init-not-called
        self.folder = tempfile.mkdtemp(prefix="custos-podman-")
        os.chmod(self.folder, 0o755)
        self.control = os.path.join(self.folder, "podman.sock")
        self.log_path = os.path.join(self.folder, "log")
        self.process = None
        self._recorder = None
        with open(os.path.join(self.folder, "containers.conf"), "w") as file:
            file.write(_SETTINGS)
        atexit.register(self.close)

    def podman(self, *arguments):
        """The arguments of a command on this Podman."""
        return ["env", f"CONTAINERS_CONF={self.folder}/containers.conf", "podman", "--root", f"{self.folder}/root",
                "--runroot", f"{self.folder}/run", "--tmpdir", f"{self.folder}/tmp", "--storage-driver", "vfs",
                *arguments]

    def command(self, *arguments):
        """Runs one to its end: (exit status, what it printed)."""
        done = subprocess.run(self.podman(*arguments), capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def start(self):
        with open(self.log_path, "ab") as log:
            arguments = self.podman("system", "service", "--time", "0", f"unix://{self.control}")
            # What watches over a container writes a file `oom` where it is.
            self.process = children.start(arguments, "TERM", stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                          cwd=self.folder)
        eventually(self._why_not, self.answers, timeout=60, every=0.05)
        if LEDGER.is_kept:
            self._recorder = self._recorder or Proxy(self.control)
            self._recorder.up()
        return self

    def stop(self):
        """Ends the service; containers of Podman go on without it."""
        children.end(self.process, signal.SIGTERM, patience=20)
        if os.path.exists(self.control):
            os.unlink(self.control)
        if self._recorder:
            self._recorder.down()

    def close(self):
        atexit.unregister(self.close)
        if self.process is not None and self.process.poll() is None:
            self.stop()
        self.command("rm", "--all", "--force", "--time", "0")
        if self._recorder:
            self._recorder.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def with_busybox(self):
        self.import_image(BUSYBOX, images.busybox(), ["ENV PATH=/bin"])
        return self

    def run(self, command=("sleep", "100000"), image=BUSYBOX, host=None, **options):
        return super().run(command, image=image, host={"NetworkMode": "none", **(host or {})}, **options)

    def events(self, since, until=None):
        """As an engine's, by whole seconds: Podman 4.3 finds nothing between two fractions of them."""
        filters = urllib.parse.quote(json.dumps({"type": ["container"]}))
        target = f"/v1.41/events?since={int(since)}&until={int(until or time.time()) + 1}&filters={filters}"
        _, _, answer = unix_http.request(self.control, "GET", target)
        return [json.loads(line) for line in answer.splitlines() if line.strip()]

    def probe(self, container):
        """Runs the health check once, as the timer of a systemd does it."""
        return self.command("healthcheck", "run", container.id)

    def health(self, container):
        return self.call("GET", f"/containers/{container.id}/json")["State"]["Health"]["Status"]

    def record(self, folder, containers, since):
        """Writes what the API tells of these containers, and the events since then, as fixtures are kept."""
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "events.ndjson"), "w") as file:
            for event in self.events(since):
                if not event["Action"].startswith(("exec_", "init", "cleanup")):
                    file.write(json.dumps(event, separators=(",", ":")) + "\n")
        targets = ["/version", "/info", "/containers/json?all=1", *(f"/containers/{c.id}/json" for c in containers)]
        for target in targets:
            name = "GET" + target.partition("?")[0].replace("/", "_") + ".json"
            with open(os.path.join(folder, name), "w") as file:
                json.dump(self.call("GET", target), file, indent=1)
                file.write("\n")


def inside(container, *command):
    """Runs a command in the container's file system, from outside."""
    subprocess.run(["nsenter", "--mount", f"--target={container.pid}", "/bin/busybox", *command], check=True)


__all__ = ["BUSYBOX", "Container", "Podman", "inside"]
