"""What goes down together is one event with the list; what is still ill when the cause is over is told then."""

import os
import subprocess
import unittest

from harness import names
from harness.custos import Custos, HardenedCustos, binary, decided
from harness.engine import Engine
from harness.receiver import Receiver
from harness.scenario import Scenario
from harness.waiting import eventually, throughout

PROBE = "test -f /ok || { echo no ok here; exit 1; }"
HEALTHY = ["sh", "-c", "touch /ok; sleep 1000"]


def told(receiver, **fields):
    """What a receiver heard: (measure, reason), in order of arrival."""
    return [(e["measure"], e["reason"]) for e in receiver.alerts(**fields)]


def host_of(engine):
    """The engine's machine as Custos sees it: its first process has the engine's mounts, wherever the tests run."""
    proc = os.path.join(engine.folder, "proc")
    os.mkdir(proc)
    for name in os.listdir("/proc"):
        if not name.isdigit():
            os.symlink(f"/proc/{name}", os.path.join(proc, name))
    for name, pid in (("1", engine.process.pid), ("2", 2)):
        os.symlink(f"/proc/{pid}", os.path.join(proc, name))
    return {"HOST_PROC": proc, "HOST_ROOT": f"/proc/{engine.process.pid}/root"}


class NetworkTests(Scenario):
    def in_network_of(self, parent, service, **options):
        return self.service(service, host={"NetworkMode": f"container:{parent.id}"}, **options)

    def test_a_network_parent_is_down(self):
        """S24 the parent's event names who lives in its network; their alerts wait for it."""
        vpn = self.service("vpn", restart="no")
        child = self.in_network_of(vpn, "child", command=HEALTHY, health=PROBE)
        bystander = self.service("bystander", command=HEALTHY, health=PROBE)
        for container in (child, bystander):
            container.until_health("healthy")
        vpn.crash()
        down = self.told(self.target("vpn"), measure=names.RUNNING, reason="fired")
        self.assertEqual(down["annotations"]["containers"], self.target("child"))
        self.assertEqual(down["annotations"]["containers_count"], "1")
        self.assertIn("cuts off 1 container", down["summary"])
        for container in (child, bystander):
            container.run_inside("rm", "/ok")
        ill = self.told(self.target("bystander"), measure=names.HEALTH, reason="fired")
        self.assertNotIn("network_of", ill["labels"])
        child.until_health("unhealthy")
        self.settle()
        self.assertEqual(self.story(self.target("child")), [], "its cause is known")
        muted = [e["measure"] for e in decided(self.custos.journal) if e["target"] == self.target("child")]
        self.assertEqual(muted, [names.HEALTH], "and yet it is in the journal")

        vpn.start()
        self.told(self.target("vpn"), measure=names.RUNNING, status="resolved")
        still = self.told(self.target("child"), measure=names.HEALTH, status="firing")
        self.assertEqual((still["reason"], still["labels"]["network_of"]), ("silence_ended", self.target("vpn")))
        child.run_inside("touch", "/ok")
        self.told(self.target("child"), measure=names.HEALTH, status="resolved")
        self.exactly(self.target("child"), (names.HEALTH, "silence_ended", "critical"),
                     (names.HEALTH, "resolved", "critical"))
        for service in ("vpn", "bystander"):
            self.accounted.add(self.target(service))


class EngineDownTests(unittest.TestCase):
    def test_the_engine_is_down(self):
        """S26 one event with the containers that cannot be seen; it ends with the outage."""
        engine = Engine(live_restore=True).start().with_busybox()
        self.addCleanup(engine.close)
        engine.with_custos(binary())
        receiver = Receiver(engine.gateway)
        self.addCleanup(receiver.close)
        settings = {**names.QUICK, **names.ONLY_DOCKER, names.WEBHOOK: receiver.url}
        custos = HardenedCustos(engine, engine.socket, settings, folder_mount=True)
        self.addCleanup(custos.close)
        for number in range(25):
            engine.service("many", f"s{number:02}", restart="always")
        custos.started()
        engine.stop()
        down = eventually("the outage", lambda: receiver.alerts(measure=names.REACHABLE, status="firing"), 30)[0]
        self.assertEqual(down["annotations"]["containers_count"], "25")
        self.assertTrue(down["annotations"]["containers"].startswith("many/s00/1, many/s01/1, "))
        self.assertTrue(down["annotations"]["containers"].endswith(" and 5 more"))
        engine.start()
        eventually("the end", lambda: receiver.alerts(measure=names.REACHABLE, status="resolved"), 30)
        self.assertEqual(told(receiver), [(names.REACHABLE, "fired"), (names.REACHABLE, "resolved")])


class DiskTests(unittest.TestCase):
    def test_the_disk_under_the_engines_data_is_full(self):
        """S30 one event with the containers that cannot write; what is ill when there is room again is told then."""
        engine = Engine()
        self.addCleanup(engine.close)
        data = os.path.join(engine.folder, "data")
        os.mkdir(data)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m", "custos-e2e", data], check=True)
        engine.start().with_busybox()
        receiver = Receiver()
        self.addCleanup(receiver.close)
        web = engine.service("full", "web", command=HEALTHY, health=PROBE)
        web.until_health("healthy")
        custos = Custos({**names.QUICK, **names.ONLY_DOCKER, **host_of(engine), names.WEBHOOK: receiver.url,
                         names.DOCKER_HOST: f"unix://{engine.socket}", "CUSTOS_DISK": "on",
                         "CUSTOS_DISK__INCLUDE": data, "CUSTOS_DISK__EXCLUDE_TYPES": "overlay"})
        self.addCleanup(custos.close)
        custos.started()
        self.assertEqual(receiver.alerts(), [], custos.output.log)

        ballast = os.path.join(data, "ballast")
        # A look on the way would tell of a disk that is nearly full.
        with custos.paused(), open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * (1 << 20))
            except OSError:
                pass
        full = eventually("the full disk", lambda: receiver.alerts(measure=names.ENGINE_DATA, status="firing"), 20)[0]
        self.assertEqual((full["severity"], full["state"], full["target"]), ("critical", "full", data))
        self.assertEqual(full["annotations"]["containers"], "full/web/1")
        self.assertIn("1 container cannot write", full["summary"])
        web.run_inside("rm", "/ok")
        web.until_health("unhealthy")
        throughout(lambda: f"no word of what it brings down; told: {told(receiver)}",
                   lambda: told(receiver) == [(names.ENGINE_DATA, "fired")], 3)

        with custos.paused():
            os.remove(ballast)
        eventually("there is room again", lambda: receiver.alerts(measure=names.ENGINE_DATA, status="resolved"), 20)
        eventually("the container is still ill", lambda: receiver.alerts(measure=names.HEALTH, status="firing"), 20)
        self.assertEqual(told(receiver), [(names.ENGINE_DATA, "fired"), (names.ENGINE_DATA, "resolved"),
                                          (names.HEALTH, "silence_ended")])


if __name__ == "__main__":
    unittest.main()
