"""What containers use of their limits, by their control groups, with a real engine and without one."""

import time
import unittest

from harness import names, shared
from harness.custos import HardenedCustos, brief
from harness.receiver import Receiver
from harness.scenario import Scenario
from harness.waiting import eventually

MEMORY = "container_memory_used_ratio"
QUOTA = "container_cpu_quota_used_ratio"
THROTTLED = "container_cpu_throttled_ratio"
TASKS = "container_pids_used_ratio"
CLOSE_WAIT = "container_tcp_close_wait"
READ_OFTEN = {"CUSTOS_DOCKER__READ_EVERY": "1s"}
SOON = {
    **READ_OFTEN, "CUSTOS_DOCKER__MEMORY__FOR": "1s", "CUSTOS_DOCKER__CPU_QUOTA__FOR": "2s",
    "CUSTOS_DOCKER__THROTTLING__FOR": "2s", "CUSTOS_DOCKER__CONNECTIONS__FOR": "0s",
    "CUSTOS_DOCKER__CONNECTIONS__CLOSE_WAIT_WARNING": "5",
}

FILL = "dd if=/dev/zero of=/dev/shm/fill bs=1M count={} 2>/dev/null"
"""Memory that no kernel can take back: a file of a tmpfs."""

ROOMY = {"ShmSize": 128 << 20}
LIMIT = 128 << 20

LEFT_OPEN = """
for i in $(seq 12); do nc -l -p $((7000 + i)) -e sleep 1000 & done
for i in $(seq 12); do
    (until (echo hello; exec sleep 0.1) | nc 127.0.0.1 $((7000 + i)); do sleep 0.2; done) >/dev/null &
done
sleep 1000
"""
"""Twelve servers whose clients have said all and wait for an end that does not come."""


def spin(processes):
    return ["sh", "-c", "while :; do :; done & " * (processes - 1) + "while :; do :; done"]


class LimitTests(Scenario):
    settings = SOON

    def test_memory_near_its_limit(self):
        """80 % warns, 90 % alarms, and it ends when the memory is given back."""
        web = self.service("web", memory=LIMIT, host=ROOMY)
        target = self.target("web")
        web.run_inside("sh", "-c", FILL.format(108))
        warning = self.told(target, measure=MEMORY, reason="fired")
        self.assertEqual(warning["severity"], "warning")
        self.assertIn("128 MiB", warning["summary"])
        self.assertEqual(warning["annotations"]["memory_limit"], "128 MiB")
        web.run_inside("sh", "-c", "dd if=/dev/zero of=/dev/shm/more bs=1M count=10 2>/dev/null")
        self.told(target, measure=MEMORY, severity="critical")
        web.run_inside("rm", "/dev/shm/fill", "/dev/shm/more")
        self.told(target, measure=MEMORY, status="resolved")
        self.accounted.add(target)

    def test_files_in_memory_are_no_use(self):
        """The page cache fills a container to its limit, and is dropped when somebody needs it."""
        web = self.service("web", memory=64 << 20)
        web.run_inside("sh", "-c", "dd if=/dev/zero of=/big bs=1M count=200 2>/dev/null")
        self.nothing(self.target("web"))

    def test_throttled(self):
        """Four loops in a fifth of a processor wait in nearly every period, and use up all of the quota."""
        self.service("web", command=spin(4), host={"CpuPeriod": 100000, "CpuQuota": 20000})
        target = self.target("web")
        held = self.told(target, timeout=30, measure=THROTTLED, reason="fired")
        self.assertEqual(held["severity"], "warning")
        self.assertIn("0.2 processors", held["summary"])
        self.assertGreater(held["value"], 0.25)
        self.told(target, timeout=30, measure=QUOTA, reason="fired")
        self.accounted.add(target)

    def test_a_quota_that_is_not_used_up(self):
        """An idle container with a quota, and a busy one without any, are no news."""
        self.service("idle", host={"CpuPeriod": 100000, "CpuQuota": 20000})
        self.service("free", command=spin(1))
        time.sleep(5)
        self.nothing(self.target("idle"))
        self.nothing(self.target("free"))

    def test_tasks_near_their_limit(self):
        """A container that may have twenty processes has nineteen."""
        web = self.service("web", command=["sh", "-c", "for i in $(seq 18); do sleep 1000 & done; wait"],
                           host={"PidsLimit": 20})
        target = self.target("web")
        # A look while it still forks sees one less.
        told = self.told(target, measure=TASKS, severity="critical")
        self.assertIn(told["annotations"]["tasks"], ("18", "19"))
        web.engine.call("POST", f"/containers/{web.id}/update", {"PidsLimit": 200})
        self.told(target, measure=TASKS, status="resolved")
        self.accounted.add(target)

    def test_a_label_changes_the_level(self):
        """S28 a label on the container sets its own level."""
        labels = {"custos.docker.memory.warning": "20%", "custos.docker.memory.critical": "off"}
        web = self.service("web", memory=LIMIT, host=ROOMY, labels=labels)
        target = self.target("web")
        web.run_inside("sh", "-c", FILL.format(120))
        self.assertEqual(self.told(target, measure=MEMORY, reason="fired")["severity"], "warning")
        self.accounted.add(target)

    def test_a_limit_that_is_changed(self):
        """A raised limit ends the alert at once."""
        web = self.service("web", memory=LIMIT, host=ROOMY)
        target = self.target("web")
        web.run_inside("sh", "-c", FILL.format(120))
        self.told(target, measure=MEMORY, severity="critical")
        web.engine.call("POST", f"/containers/{web.id}/update", {"Memory": 2 * LIMIT, "MemorySwap": 2 * LIMIT})
        self.told(target, measure=MEMORY, status="resolved")
        self.accounted.add(target)

    def test_made_anew(self):
        """S24 a container that is made anew under its name begins anew; what its namesake used is gone."""
        first = self.service("web", memory=LIMIT, host=ROOMY)
        target = self.target("web")
        first.run_inside("sh", "-c", FILL.format(120))
        self.told(target, measure=MEMORY, severity="critical")
        first.remove()
        self.service("web", memory=LIMIT)
        self.told(target, measure=MEMORY, reason="gone")
        self.settle()
        self.assertEqual([e for e in self.story(target) if e[1] == "fired"][1:], [])
        self.accounted.add(target)

    def test_kill_that_a_container_survives_is_told_once(self):
        """S23 the engine tells it and the control group counts it: one story."""
        web, target = self.service("web", memory=32 << 20), self.target("web")
        web.run_inside("tail", "/dev/zero")
        self.told(target, measure=names.OOM, reason="fired")
        self.told(target, measure=names.OOM, status="resolved", timeout=30)
        story = [event for event in self.story(target) if event[0] == names.OOM]
        self.assertEqual(story, [(names.OOM, "fired", "critical"), (names.OOM, "resolved", "critical")])
        self.accounted.add(target)

    def test_close_wait_in_a_network_that_two_share(self):
        """S27 connections that nobody closes are told of the container whose network it is, once."""
        web = self.service("web", command=["sh", "-c", LEFT_OPEN])
        beside = self.service("beside", host={"NetworkMode": f"container:{web.id}"})
        target = self.target("web")
        told = self.told(target, timeout=30, measure=CLOSE_WAIT, reason="fired")
        self.assertGreaterEqual(told["value"], 6)
        self.assertIn("700", told["annotations"]["ports"])
        self.assertEqual(self.story(self.target("beside")), [])
        self.assertTrue(beside.id)
        self.accounted.add(target)


class WithoutEngineTests(unittest.TestCase):
    """A node whose engine's socket nobody mounts."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine_with_custos()
        cls.receiver = Receiver(cls.engine.gateway)
        cls.addClassCleanup(cls.receiver.close)
        cls.web = cls.engine.service("bare", "web", memory=LIMIT, host={**ROOMY, "PidsLimit": 40})
        cls.addClassCleanup(cls.web.remove)
        environment = {**names.QUICK, **SOON, names.WEBHOOK: cls.receiver.url}
        cls.custos = HardenedCustos(cls.engine, cls.engine.socket, environment, "custos-bare")
        cls.addClassCleanup(cls.custos.close)
        del cls.custos.environment[names.DOCKER_HOST]
        cls.custos.mounts = [mount for mount in cls.custos.mounts if cls.engine.socket not in mount]
        cls.started = cls.custos.started()
        cls.target = f"docker-{cls.web.id[:12]}"

    def told(self, timeout=20, **fields):
        def missing():
            return (f"{fields} of {self.target}; told: {brief(self.receiver.alerts())}\n"
                    f"log: {self.custos.output.log[-1500:]}")
        return eventually(missing, lambda: self.receiver.alerts(target=self.target, **fields), timeout)[0]

    def test_absence_is_one_line(self):
        """S10 the start report says in one line that there is no engine; containers are watched all the same."""
        notes = eventually("the webhook is told of the start",
                           lambda: [e for e in self.receiver.events if e["reason"] == "started"])[0]["annotations"]
        self.assertTrue(notes["containers"].startswith("no Docker engine at unix://"))
        self.assertNotIn("docker:", notes.get("not_watched", ""))
        def lines():
            return [line for line in self.custos.output.log.splitlines() if "no container engine" in line]
        eventually("it is said", lines)
        self.assertEqual(len(lines()), 1, lines())

    def test_memory_and_tasks(self):
        """By the name of the container's control group, with its limits."""
        self.web.run_inside("sh", "-c", FILL.format(118))
        told = self.told(measure=MEMORY, reason="fired")
        self.assertEqual(told["labels"]["runtime"], "docker")
        self.web.run_inside("rm", "/dev/shm/fill")
        self.told(measure=MEMORY, status="resolved")
        self.web.run_inside("sh", "-c", "for i in $(seq 36); do sleep 20 & done")
        self.told(measure=TASKS, reason="fired")

    def test_kill_that_a_container_survives(self):
        """S23 the control group's count is told, once."""
        self.web.run_inside("tail", "/dev/zero")
        told = self.told(measure=names.OOM, reason="fired")
        self.assertEqual(told["severity"], "critical")
        self.told(measure=names.OOM, status="resolved", timeout=30)
        fired = self.receiver.alerts(target=self.target, measure=names.OOM, reason="fired")
        self.assertEqual(len(fired), 1)


if __name__ == "__main__":
    unittest.main()
