"""The demo: with one command, the first event within a minute, and the whole stack around it at work."""

import datetime
import json
import os
import re
import socket
import time
import unittest
import urllib.request

from harness import engine as engines
from harness import images, manifests, shared, standins
from harness.compose import Composition
from harness.waiting import eventually

SHOW = bool(os.environ.get("SHOW"))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class DemoTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = shared.server()
        standins.load(cls.engine, standins.PYTHON, standins.PROMETHEUS, standins.ALERTMANAGER, standins.NODE_EXPORTER)
        cls.ports = {"PROMETHEUS_PORT": free_port(), "ALERTMANAGER_PORT": free_port()}
        cls.compose = Composition(
            cls.engine, "demo", "compose.demo.yaml", BUSYBOX_IMAGE=engines.BUSYBOX, PYTHON_IMAGE=standins.PYTHON,
            PROMETHEUS_IMAGE=standins.PROMETHEUS, ALERTMANAGER_IMAGE=standins.ALERTMANAGER,
            NODE_EXPORTER_IMAGE=standins.NODE_EXPORTER, **{name: str(port) for name, port in cls.ports.items()})
        cls.addClassCleanup(cls.compose.down)
        cls.began = time.time()
        cls.compose.up()

    def told(self, pattern, timeout=60):
        """Waits for a line of the receiver; the line, and how many seconds after the call of `up` it was printed."""
        def lines():
            return [line for line in self.compose.logs("--timestamps", "receiver").splitlines()
                    if re.search(pattern, line)]
        line = eventually(lambda: f"{pattern}\n{self.compose.logs()[-5000:]}", lines, timeout, every=0.2)[0]
        stamp = re.search(r"\| (\S{19}\.\d{6})\d*Z ", line)[1]
        return line, datetime.datetime.fromisoformat(stamp + "+00:00").timestamp() - self.began

    def test_the_first_event_within_a_minute(self):
        """From `up` to the first event, and to the failing container's death, at the receiver: 60 s at most."""
        _, first = self.told(r"custos: .* started: custos \S+ watches demo: ")
        death, crash = self.told(r"custos: .*firing: .*failing.* died: exit code 3")
        if SHOW:
            print(f"\n{death}\nfirst event after {first:.1f} s, first death after {crash:.1f} s")
        self.assertLessEqual(first, 60)
        self.assertLessEqual(crash, 60)

    def test_the_stack_is_at_work(self):
        """Prometheus scrapes every target, its alert goes through Alertmanager, and the receiver prints it."""
        def health():
            networks = self.compose.container("prometheus").inspect()["NetworkSettings"]["Networks"]
            address = f"http://{networks['demo_default']['IPAddress']}:9090/api/v1/targets"
            try:
                with urllib.request.urlopen(address, timeout=5) as answer:
                    targets = json.load(answer)["data"]["activeTargets"]
            except OSError:
                return {}
            return {target["labels"]["job"]: target["health"] for target in targets}
        wanted = {"custos": "up", "node": "up", "prometheus": "up", "alertmanager": "up"}
        eventually(lambda: f"{wanted}, not {health()}\n{self.compose.logs()[-5000:]}", lambda: health() == wanted, 60,
                   every=0.5)
        self.told(r"alertmanager: firing: Custos has \d+ firing alerts", 90)

    def test_a_watcher_that_crashes_is_told(self):
        """Alertmanager crashes, here killed from outside, and Custos tells what Alertmanager cannot."""
        alertmanager = self.compose.container("alertmanager")
        eventually("it runs", lambda: alertmanager.inspect()["State"]["Running"])
        self.told(r"custos: .* started: ")
        alertmanager.crash()
        self.told(r"custos: .*firing: .*alertmanager.* died", 30)

    def test_every_image_is_pinned_and_can_be_replaced(self):
        """Each image is a variable with a default of a full version; Grafana waits for its profile."""
        with open(os.path.join(images.REPOSITORY, "compose", "compose.demo.yaml")) as file:
            (document,) = manifests.read(file.read())
        for name, service in document["services"].items():
            match = re.fullmatch(r"\$\{([A-Z_]+_IMAGE):-([a-z/-]+):(\S+)\}", service["image"])
            self.assertIsNotNone(match, service["image"])
            if name != "custos":
                self.assertRegex(match[3], r"^v?\d+\.\d+", name)
        self.assertEqual([n for n, s in document["services"].items() if "profiles" in s], ["grafana"])
        everything = self.compose.run("--profile", "grafana", "config")
        self.assertEqual(everything.returncode, 0, everything.stderr)
        for name, service in document["services"].items():
            for mount in service.get("volumes", []):
                if mount.startswith("./"):
                    path = os.path.join(images.REPOSITORY, "compose", mount.split(":")[0])
                    self.assertTrue(os.path.isfile(path), f"{name}: {mount}")


if __name__ == "__main__":
    unittest.main()
