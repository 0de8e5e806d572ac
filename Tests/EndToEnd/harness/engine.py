"""A private Docker Engine: its own socket, folders, bridge and containers; the machine's own is not touched."""

import atexit
import ipaddress
import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse

from . import children, images, unix_http
from .ledger import LEDGER
from .proxy import Proxy
from .waiting import eventually

BUSYBOX = "custos-e2e/busybox:1"
CUSTOS_ROOT = "custos-e2e/root:1"
CUSTOS = "custos-e2e/custos:1"


class EngineError(Exception):
    pass


class Engine:
    """One `dockerd`, started with `start()` and stopped with `close()`.

    `live_restore`: containers outlive a stop of the engine, as on many servers.
    `apart`: as if on a server of its own. Its mounts are shared, as systemd makes them, so that `rslave` is possible
    where this machine's are not; it has a network namespace, so that its containers reach each other whatever this
    machine's firewall says. `gateway` is an address of this machine in both cases.
    `arguments` are more options of dockerd.
    """

    def __init__(self, live_restore=False, apart=False, arguments=()):
        self.folder = tempfile.mkdtemp(prefix="custos-engine-")
        os.chmod(self.folder, 0o755)
        self.live_restore = live_restore
        self.arguments = list(arguments)
        self.process = None
        self.bridge = "ce" + os.urandom(4).hex()
        self.network = _free_network(apart)
        self.gateway = str(self.network[1])
        self.namespace = None
        self.run_folder = os.path.join(self.folder, "run")
        os.mkdir(self.run_folder)
        self.control = os.path.join(self.run_folder, "docker.sock")
        """The engine's own socket, for the tests' side."""
        self._recorder = None
        self.log_path = os.path.join(self.folder, "log")
        # A bridge without an address of its own takes the lowest of its ports', and every container that ends could
        # change it under the others' feet.
        address = "02:42:" + os.urandom(4).hex(":")
        where = self._set_apart() if apart else []
        _ip(*where, "link", "add", self.bridge, "address", address, "type", "bridge")
        _ip(*where, "addr", "add", f"{self.network[1]}/24", "dev", self.bridge)
        _ip(*where, "link", "set", self.bridge, "up")
        atexit.register(self.close)

    # The engine itself

    def start(self):
        """Starts dockerd and waits until it answers."""
        # The engine's own firewall rules are switched off: containers reach the bridge's address, which is all they
        # need, and the machine's tables stay as they are.
        arguments = [
            "dockerd", "--data-root", f"{self.folder}/data", "--exec-root", f"{self.folder}/exec",
            "--pidfile", f"{self.folder}/pid", "--host", f"unix://{self.control}", "--bridge", self.bridge,
            "--iptables=false", "--ip-forward=false", "--ip-masq=false", "--storage-driver", "overlay2",
            "--default-address-pool", f"base={_second_network(self.network)},size=24", "--shutdown-timeout", "3",
        ]
        arguments += self.arguments
        if self.live_restore:
            arguments.append("--live-restore")
        if self.namespace:
            arguments = ["nsenter", f"--net=/run/netns/{self.namespace}", "--",
                         "unshare", "--mount", "--propagation", "shared", "--", *arguments]
        with open(self.log_path, "ab") as log:
            self.process = children.start(arguments, "TERM", stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        eventually(self._why_not, self.answers, timeout=60, every=0.05)
        if LEDGER.is_kept:
            self._recorder = self._recorder or Proxy(self.control)
            self._recorder.up()
        return self

    @property
    def socket(self):
        """What Custos is given: in a run whose requests are recorded, all that comes this way is."""
        return self._recorder.socket if self._recorder else self.control

    def answers(self):
        if self.process.poll() is not None:
            raise EngineError(f"dockerd ended with {self.process.returncode}:\n{self._tail()}")
        try:
            return unix_http.request(self.control, "GET", "/_ping", timeout=5)[0] == 200
        except OSError:
            return False

    def asked(self):
        """Every request so far, (method, target), as an engine with `--debug` writes them down."""
        with open(self.log_path, errors="replace") as log:
            return re.findall(r'msg="Calling ([A-Z]+) ([^"]+)"', log.read())

    def stop(self):
        """Stops dockerd as a service manager does (SIGTERM)."""
        children.end(self.process, signal.SIGTERM, patience=40)
        if self._recorder:
            self._recorder.down()

    def close(self):
        """Removes every container, stops the engine, removes its bridge and folders."""
        atexit.unregister(self.close)
        if self.live_restore and self.process is not None and self.process.poll() is not None:
            self.start()  # its containers outlived it, and only an engine can end them
        if self.process is not None and self.process.poll() is None:
            try:
                for row in self.list():
                    self.call("DELETE", f"/containers/{row['Id']}?force=1&v=1", accept=(204, 404, 409))
            except (OSError, EngineError):
                pass  # an engine that cannot answer is ended below
            self.stop()
        if self.namespace:
            subprocess.run(["ip", "netns", "del", self.namespace], stderr=subprocess.DEVNULL, check=False)
            subprocess.run(["ip", "link", "del", self.bridge + "v"], stderr=subprocess.DEVNULL, check=False)
        else:
            subprocess.run(["ip", "link", "del", self.bridge], stderr=subprocess.DEVNULL, check=False)
        if self._recorder:
            self._recorder.close()
        _unmount_below(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, target, body=None, accept=(200, 201, 204, 304), timeout=60):
        """One API request; the decoded JSON answer, or None when there is none."""
        status, _, answer = unix_http.request(self.control, method, "/v1.41" + target, body, timeout=timeout)
        if status not in accept:
            raise EngineError(f"{method} {target}: {status} {answer[:300].decode(errors='replace')}")
        return json.loads(answer) if answer.strip() and answer.lstrip()[:1] in b"{[" else None

    def list(self):
        return self.call("GET", "/containers/json?all=1")

    def events(self, since, until=None):
        """The container events between two moments (seconds), oldest first."""
        filters = urllib.parse.quote(json.dumps({"type": ["container"]}))
        target = f"/v1.41/events?since={since:.9f}&until={until or time.time():.9f}&filters={filters}"
        _, _, answer = unix_http.request(self.control, "GET", target)
        return [json.loads(line) for line in answer.splitlines() if line.strip()]

    # Images and containers

    def import_image(self, name, layout, changes=()):
        """`docker import` of a tar archive made by `images`, as bytes or an open file."""
        repository, _, tag = name.rpartition(":")
        query = [("fromSrc", "-"), ("repo", repository), ("tag", tag)] + [("changes", change) for change in changes]
        target = "/v1.41/images/create?" + urllib.parse.urlencode(query)
        headers = {"Content-Type": "application/x-tar"}
        status, _, answer = unix_http.request(self.control, "POST", target, layout, headers, timeout=300)
        if status != 200 or b'"error"' in answer:
            raise EngineError(f"import {name}: {status} {answer[-300:]!r}")

    def with_busybox(self):
        self.import_image(BUSYBOX, images.busybox(), ["ENV PATH=/bin"])
        return self

    def with_custos(self, binary):
        """The runtime image, built by the Dockerfile's own runtime stage around a binary that was built outside."""
        self.import_image(CUSTOS_ROOT, images.root_of(binary))
        self.build(CUSTOS, images.runtime_stage(CUSTOS_ROOT))
        return self

    def build(self, name, context):
        target = "/v1.41/build?" + urllib.parse.urlencode({"t": name, "rm": 1, "forcerm": 1})
        headers = {"Content-Type": "application/x-tar"}
        status, _, answer = unix_http.request(self.control, "POST", target, context, headers, timeout=300)
        if status != 200 or b'"errorDetail"' in answer:
            raise EngineError(f"build {name}: {status} {answer[-500:]!r}")

    def run(self, command=("sleep", "100000"), name=None, image=BUSYBOX, start=True, labels=None, restart="no",
            retries=0, memory=None, health=None, auto_remove=False, tty=False, config=None, host=None):
        """Creates and starts a container. `health` is a shell command probed each second, failing at once.

        `config` and `host` are merged into the API's body and its HostConfig."""
        body = {"Image": image, "Cmd": list(command), "Labels": labels or {}, "Tty": tty, "StopTimeout": 1,
                **(config or {})}
        settings = {"RestartPolicy": {"Name": restart, "MaximumRetryCount": retries}, "AutoRemove": auto_remove}
        if memory:
            settings.update(Memory=memory, MemorySwap=memory)
        body["HostConfig"] = {**settings, **(host or {})}
        if health:
            second = 1_000_000_000
            body["Healthcheck"] = {
                "Test": ["CMD-SHELL", health], "Interval": second // 2, "Timeout": 5 * second, "Retries": 1,
            }
        query = f"?name={urllib.parse.quote(name)}" if name else ""
        container = Container(self, self.call("POST", f"/containers/create{query}", body)["Id"])
        if start:
            container.start()
        return container

    def service(self, project, service, number=1, one_off=False, **options):
        """A container named and labelled as `docker compose` does it."""
        labels = {
            "com.docker.compose.project": project, "com.docker.compose.service": service,
            "com.docker.compose.container-number": str(number),
            "com.docker.compose.oneoff": "True" if one_off else "False", **options.pop("labels", {}),
        }
        name = options.pop("name", f"{project}-{service}-{number}")
        return self.run(name=name, labels=labels, **options)

    def _set_apart(self):
        """A network namespace with one cable to this machine; the options that make `ip` work in it."""
        self.namespace = self.bridge
        containers = _second_network(self.network)
        prefix = containers.rsplit(".", 2)[0]
        self.gateway, inside = prefix + ".255.1", prefix + ".255.2"
        where, cable = ["-n", self.namespace], self.bridge + "v"
        _ip("netns", "add", self.namespace)
        _ip("link", "add", cable, "type", "veth", "peer", "name", "cable", "netns", self.namespace)
        _ip("addr", "add", self.gateway + "/30", "dev", cable)
        _ip("link", "set", cable, "up")
        _ip(*where, "addr", "add", inside + "/30", "dev", "cable")
        for device in ("lo", "cable"):
            _ip(*where, "link", "set", device, "up")
        _ip(*where, "route", "add", "default", "via", self.gateway)
        for network in (str(self.network), containers):
            _ip("route", "add", network, "via", inside)
        subprocess.run(["ip", "netns", "exec", self.namespace, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"],
                       check=True)
        return where

    def _why_not(self):
        return f"dockerd answers; its log ends with\n{self._tail()}"

    def _tail(self):
        with open(self.log_path, errors="replace") as log:
            return "".join(log.readlines()[-15:])


class Container:
    def __init__(self, engine, identifier):
        self.engine = engine
        self.id = identifier

    def inspect(self):
        return self.engine.call("GET", f"/containers/{self.id}/json")

    @property
    def name(self):
        return self.inspect()["Name"].lstrip("/")

    @property
    def pid(self):
        return self.inspect()["State"]["Pid"]

    @property
    def address(self):
        return self.inspect()["NetworkSettings"]["IPAddress"]

    def start(self):
        self.engine.call("POST", f"/containers/{self.id}/start")

    def stop(self, grace=1):
        self.engine.call("POST", f"/containers/{self.id}/stop?t={grace}")

    def kill(self, name="KILL"):
        """`docker kill`, in contrast to `crash`."""
        self.engine.call("POST", f"/containers/{self.id}/kill?signal={name}")

    def crash(self, how=signal.SIGKILL):
        """Kills the container's first process from the host: nobody asked the engine for it."""
        pid = eventually("the container has a process", lambda: self.pid)
        os.kill(pid, how)

    def restart(self, grace=1):
        self.engine.call("POST", f"/containers/{self.id}/restart?t={grace}")

    def remove(self):
        # 409: it is being removed already, as `auto_remove` does it.
        self.engine.call("DELETE", f"/containers/{self.id}?force=1&v=1", accept=(204, 404, 409))

    def wait(self, timeout=60):
        """Waits for the end; the exit code."""
        return self.engine.call("POST", f"/containers/{self.id}/wait", timeout=timeout)["StatusCode"]

    def until(self, status, timeout=20):
        eventually(lambda: f"{status}; it is {self.inspect()['State']}",
                   lambda: self.inspect()["State"]["Status"] == status, timeout)
        return self

    def until_health(self, status, timeout=20):
        eventually(lambda: f"health {status}; it is {self.inspect()['State'].get('Health')}",
                   lambda: self.inspect()["State"].get("Health", {}).get("Status") == status, timeout)
        return self

    def run_inside(self, *command):
        """Runs a command in the container; its output."""
        return self.probe(*command)[1]

    def probe(self, *command):
        """Runs a command in the container; its exit code and output."""
        body = {"AttachStdout": True, "AttachStderr": True, "Cmd": list(command)}
        made = self.engine.call("POST", f"/containers/{self.id}/exec", body)["Id"]
        _, _, answer = unix_http.request(self.engine.control, "POST", f"/v1.41/exec/{made}/start", {"Detach": False})
        code = self.engine.call("GET", f"/exec/{made}/json")["ExitCode"]
        return code, b"".join(payload for _, payload in frames(answer)).decode(errors="replace")

    def output(self):
        """All it has written so far, as (stdout, stderr)."""
        target = f"/v1.41/containers/{self.id}/logs?stdout=1&stderr=1"
        _, _, answer = unix_http.request(self.engine.control, "GET", target)
        parts = {1: b"", 2: b""}
        for channel, payload in frames(answer):
            parts[channel] += payload
        return parts[1].decode(errors="replace"), parts[2].decode(errors="replace")


def frames(data):
    """Splits the engine's multiplexed stream: one byte of channel, three of padding, four of length, payload."""
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position + 4:position + 8], "big")
        yield data[position], data[position + 8:position + 8 + length]
        position += 8 + length


def _ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def _free_network(apart):
    """Also with a free second network where the engine is `apart`, since it needs a route."""
    taken = "".join(subprocess.run(["ip", "-4", "-o", what], check=True, capture_output=True, text=True).stdout
                    for what in ("addr", "route"))
    for _ in range(1000):
        network = ipaddress.ip_network(f"10.{random.randint(200, 219)}.{random.randint(1, 250)}.0/24")
        second = _second_network(network).removesuffix("0.0/16")
        if str(network[1]).rsplit(".", 1)[0] + "." not in taken and not (apart and " " + second in "\n " + taken):
            return network
    raise EngineError("no free network")


def _second_network(network):
    """Where the networks that compose makes are cut from: not the bridge's own."""
    parts = str(network.network_address).split(".")
    return f"10.{int(parts[1]) + 30}.0.0/16"


def _unmount_below(folder):
    with open("/proc/self/mountinfo") as table:
        points = [line.split()[4] for line in table]
    for point in sorted((p for p in points if p.startswith(folder + "/")), key=len, reverse=True):
        subprocess.run(["umount", "-l", point], stderr=subprocess.DEVNULL, check=False)
