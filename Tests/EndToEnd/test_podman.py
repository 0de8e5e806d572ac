"""A real Podman behind its Docker-compatible socket: the same stories, told by other events."""

import json
import os
import time
import unittest

from harness import names
from harness.custos import Custos, brief
from harness.podman import Podman, inside
from harness.waiting import eventually


class PodmanTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.podman = Podman().start().with_busybox()
        cls.addClassCleanup(cls.podman.close)
        cls.custos = Custos({**names.QUICK, **names.ONLY_DOCKER, names.DOCKER_HOST: "unix://" + cls.podman.socket})
        cls.addClassCleanup(cls.custos.close)
        cls.custos.started()

    def setUp(self):
        self.began = time.time()

    def service(self, service, **options):
        container = self.podman.service(self._project, service, **options)
        self.addCleanup(container.remove)
        return container

    @property
    def _project(self):
        return self.id().rpartition(".test_")[2].replace("_", "")[:24]

    def target(self, service):
        return f"{self._project}/{service}/1"

    def told(self, service, timeout=20, **fields):
        return self.custos.output.until(timeout, target=self.target(service), **fields)

    def settled(self):
        """All that happened so far has been judged: a crash was told that came later than a judgement takes."""
        marker = f"marker{time.monotonic_ns()}"
        self.service(marker, command=["sh", "-c", "sleep 1; exit 3"])
        self.told(marker, measure=names.DEATH, reason="fired")

    def story(self, service):
        """What was told of a service: (measure, reason), in this order."""
        self.settled()
        return [(e["measure"], e["reason"]) for e in self.custos.output.alerts(target=self.target(service))]

    def test_a_crash(self):
        """S23 exit code, its meaning and how long it ran; nothing restarts it, so it is critical and stays so."""
        self.service("web", command=["sh", "-c", "sleep 1; exit 3"])
        death = self.told("web", measure=names.DEATH, reason="fired")
        self.assertEqual((death["severity"], death["annotations"]["exit_code"], death["annotations"]["oom"]),
                         ("critical", "3", "false"))
        self.assertRegex(death["summary"], r"exit code 3 \(.*\) after \d")
        self.assertEqual(self.told("web", measure=names.RUNNING, reason="fired")["severity"], "critical")

    def test_killed_from_outside(self):
        """S23 a signal that nobody sent through Podman; whether memory ran out is as Podman says."""
        victim = self.service("victim")
        victim.crash()
        death = self.told("victim", measure=names.DEATH, reason="fired")
        self.assertEqual(death["annotations"]["exit_code"], "137")
        hog = self.service("hog", command=["tail", "/dev/zero"], memory=16 << 20)
        death = self.told("hog", measure=names.DEATH, reason="fired")
        self.assertEqual(death["annotations"]["exit_code"], "137")
        self.assertEqual(death["annotations"]["oom"], str(hog.inspect()["State"]["OOMKilled"]).lower())

    def test_what_people_ask_for_is_no_death(self):
        """S20 kill and restart; and removal while it runs, of which Podman tells nothing before the end."""
        killed, restarted, removed = (self.service(name) for name in ("kill", "restart", "remove"))
        self.settled()
        killed.kill()
        restarted.restart()
        removed.remove()
        for service in ("kill", "restart", "remove"):
            self.assertEqual([told for told in self.story(service) if told[0] == names.DEATH], [], service)

    def test_a_stop(self):
        """S20 a stop is no death where Podman tells of it; 4.3 leaves the event out at times, and nobody can know."""
        for service in (f"web{number}" for number in range(20)):
            container = self.service(service)
            self.settled()
            container.stop()
            deaths = [told for told in self.story(service) if told[0] == names.DEATH]
            told = [e["Action"] for e in self.podman.events(self.began) if e["id"] == container.id]
            if "stop" in told:
                return self.assertEqual(deaths, [], told)
            self.told(service, measure=names.DEATH, reason="fired")
        self.fail("Podman told of no stop")

    def test_a_restart_policy(self):
        """S23 each crash is told; when Podman gives up, it is down."""
        container = self.service("again", command=["sh", "-c", "sleep 1; exit 4"], restart="on-failure", retries=2)
        self.told("again", measure=names.DEATH, reason="fired")
        self.told("again", 40, measure=names.RUNNING, severity="critical", status="firing")
        self.assertEqual(container.inspect()["RestartCount"], 2)
        self.assertIn((names.RUNNING, "fired"), self.story("again"))

    def test_health(self):
        """S25 Podman tells of each probe, of 4.3 with the status before it: what an inspection says counts."""
        sick = self.service("sick", command=["sh", "-c", "touch /ok; sleep 1000"],
                            health="test -f /ok || { echo not today; exit 1; }")
        self.podman.probe(sick)
        self.assertEqual(self.podman.health(sick), "healthy")
        inside(sick, "rm", "/ok")
        self.podman.probe(sick)
        self.assertEqual(self.podman.health(sick), "unhealthy")
        self.podman.probe(sick)
        event = self.told("sick", measure=names.HEALTH, reason="fired")
        self.assertEqual(event["severity"], "critical")
        inside(sick, "touch", "/ok")
        self.podman.probe(sick)
        self.podman.probe(sick)
        self.told("sick", measure=names.HEALTH, reason="resolved")

    def test_paused(self):
        """S20 a paused container is a warning until it goes on."""
        container = self.service("lazy")
        self.settled()
        self.podman.call("POST", f"/containers/{container.id}/pause")
        self.assertEqual(self.told("lazy", measure=names.RUNNING, reason="fired")["severity"], "warning")
        self.podman.call("POST", f"/containers/{container.id}/unpause")
        self.told("lazy", measure=names.RUNNING, reason="resolved")

    def test_one_look(self):
        """S21 a first look names what runs, by one list and its inspections."""
        self.service("seen")
        done = self.custos.command("check", "--kind", "docker", "--output", "json")
        docker, = json.loads(done.stdout)["checks"]
        states = {seen["target"]: seen.get("state") for seen in docker["observations"]
                  if seen["measure"] == names.RUNNING}
        self.assertEqual(states[self.target("seen")], "running", docker)


class PodmanLossTests(unittest.TestCase):
    def test_the_service_ends_and_begins_again(self):
        """S26 its containers go on without it; what died meanwhile is told as one event when it is back."""
        podman = Podman().start().with_busybox()
        self.addCleanup(podman.close)
        steady, victim = podman.service("loss", "steady"), podman.service("loss", "victim")
        pid = victim.pid
        custos = Custos({**names.QUICK, **names.ONLY_DOCKER, names.DOCKER_HOST: "unix://" + podman.socket})
        self.addCleanup(custos.close)
        custos.started()
        podman.stop()
        custos.output.until(30, measure=names.REACHABLE, reason="fired")
        os.kill(pid, 9)
        podman.start()
        custos.output.until(30, measure=names.REACHABLE, reason="resolved")
        event = custos.output.until(30, measure=names.DEATH, reason="fired")
        self.assertIn("loss/victim/1", event["summary"])
        told = brief(custos.output.alerts())
        self.assertEqual([e for e in told if "steady" in str(e)], [], told)
        eventually("it runs", lambda: steady.inspect()["State"]["Running"])


if __name__ == "__main__":
    unittest.main()
