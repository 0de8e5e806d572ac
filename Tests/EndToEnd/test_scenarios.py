"""What happens to containers in a real engine, and what a webhook hears; Custos runs in the hardened container."""

import time

from harness import names, proof, shared
from harness.scenario import Scenario
from harness.waiting import eventually


class ProvedScenario(Scenario):
    @classmethod
    def tearDownClass(cls):
        """S2 after everything above: no gap, no disorder, and stdout was told what the webhook was told."""
        events = cls.receiver.events

        def missing():
            stdout = {e["id"] for e in cls.custos.output.events}
            return [e for e in events if e["id"] not in stdout]
        try:
            for judge in (proof.gaps, proof.duplicates, proof.disorder, proof.repeated_firing):
                assert judge(events) == [], (judge.__name__, judge(events))
            eventually(lambda: f"stdout has {missing()[:3]}", lambda: not missing())
            assert cls.custos.output.stray == [], cls.custos.output.stray[:3]
        finally:
            super().tearDownClass()


class ContainerTests(ProvedScenario):
    def test_crash_of_a_service_that_nothing_restarts(self):
        """S23 one story per crash: a critical death with its certificate, and critical until it runs again."""
        web, target = self.service("web", restart="no"), self.target("web")
        self.settle()
        web.crash()
        death = self.told(target, measure=names.DEATH, reason="fired")
        self.assertEqual(death["severity"], "critical")
        notes = death["annotations"]
        self.assertEqual((notes["exit_code"], notes["oom"], notes["restart_policy"]), ("137", "false", "no"))
        self.assertIn("SIGKILL", notes["exit_meaning"])
        self.assertIn("custos-e2e/busybox", notes["image"])
        self.assertEqual(notes["container_id"], web.id[:12])
        self.assertTrue(notes["ran_for"])
        down = self.told(target, measure=names.RUNNING, reason="fired")
        self.assertEqual((down["severity"], down["state"]), ("critical", "crashed"))
        web.start()
        up = self.told(target, measure=names.RUNNING, status="resolved")
        self.assertEqual(up["fingerprint"], down["fingerprint"])
        self.told(target, measure=names.DEATH, status="resolved")
        self.exactly(
            target, (names.DEATH, "fired", "critical"), (names.DEATH, "resolved", "critical"),
            (names.RUNNING, "fired", "critical"), (names.RUNNING, "resolved", "critical"))

    def test_crash_of_a_service_that_the_engine_restarts(self):
        """S23 a death that the engine mends is a warning that clears by itself."""
        web, target = self.service("web", restart="always"), self.target("web")
        self.settle()
        web.crash()
        death = self.told(target, measure=names.DEATH, reason="fired")
        self.assertEqual((death["severity"], death["annotations"]["restart_policy"]), ("warning", "always"))
        self.exactly(target, (names.DEATH, "fired", "warning"), (names.DEATH, "resolved", "warning"))

    def test_killed_for_memory(self):
        """S23 the engine's oom is the death's cause, not another alert."""
        eater = self.service("eater", command=["sh", "-c", "sleep 1; exec tail /dev/zero"], memory=16 << 20)
        target = self.target("eater")
        death = self.told(target, measure=names.DEATH, reason="fired")
        self.assertEqual((death["severity"], death["annotations"]["oom"]), ("critical", "true"))
        self.assertEqual(death["annotations"]["exit_code"], "137")
        self.told(target, measure=names.DEATH, status="resolved")
        eater.remove()
        self.exactly(
            target, (names.DEATH, "fired", "critical"), (names.DEATH, "resolved", "critical"),
            (names.RUNNING, "fired", "critical"), (names.RUNNING, "gone", "critical"))

    def test_a_process_killed_for_memory_in_a_container_that_survives(self):
        """S23 container_oom speaks only when the container survives."""
        web, target = self.service("web", memory=32 << 20), self.target("web")
        web.run_inside("tail", "/dev/zero")
        self.assertEqual(self.told(target, measure=names.OOM, reason="fired")["severity"], "critical")
        self.told(target, measure=names.OOM, status="resolved", timeout=30)
        self.exactly(target, (names.OOM, "fired", "critical"), (names.OOM, "resolved", "critical"))

    def test_unhealthy_and_healthy_again(self):
        web = self.service("web", command=["sh", "-c", "touch /ok; sleep 1000"],
                           health="test -f /ok || { echo no ok here; exit 1; }")
        target = self.target("web")
        web.until_health("healthy")
        web.run_inside("rm", "/ok")
        ill = self.told(target, measure=names.HEALTH, reason="fired")
        self.assertEqual((ill["severity"], ill["state"]), ("critical", "unhealthy"))
        self.assertIn("no ok here", str(ill["annotations"]))
        web.run_inside("touch", "/ok")
        self.told(target, measure=names.HEALTH, status="resolved")
        self.exactly(target, (names.HEALTH, "fired", "critical"), (names.HEALTH, "resolved", "critical"))

    def test_stopped_on_request(self):
        """S20 a requested end raises nothing."""
        self.service("web", restart="always").stop()
        self.nothing(self.target("web"))

    def test_docker_kill(self):
        """S20 `docker kill` is a request."""
        self.service("web", restart="always").kill()
        self.nothing(self.target("web"))

    def test_docker_restart(self):
        """S20 a restart on request raises nothing."""
        self.service("web", restart="always").restart()
        self.nothing(self.target("web"))

    def test_removed_by_force(self):
        """S20 removal of a running container is a request, and leaves nothing behind."""
        self.service("web").remove()
        self.nothing(self.target("web"))

    def test_job_that_ends_well(self):
        """S22 a job that exits with 0 is no news."""
        self.run_container(["true"], name="goodjob").wait()
        self.run_container(["true"], name="goodjob-removed", auto_remove=True)
        self.service("oneoff", one_off=True, command=["true"], name="goodjob-oneoff").wait()
        self.settle()
        heard = {e["target"] for e in self.receiver.alerts()}
        self.assertEqual({t for t in heard if "goodjob" in t or "oneoff" in t}, set())

    def test_job_that_ends_badly(self):
        """S22 a job that fails is one warning, and does not stay open."""
        self.run_container(["sh", "-c", "exit 3"], name="badjob").wait()
        death = self.told("badjob", measure=names.DEATH, reason="fired")
        self.assertEqual((death["severity"], death["annotations"]["exit_code"]), ("warning", "3"))
        self.told("badjob", measure=names.DEATH, status="resolved")
        self.exactly("badjob", (names.DEATH, "fired", "warning"), (names.DEATH, "resolved", "warning"))

    def test_a_removed_job_that_ended_badly(self):
        """S22 a container that is gone before it can be inspected still has its certificate."""
        self.run_container(["sh", "-c", "sleep 0.2; exit 4"], name="badjob-removed", auto_remove=True)
        death = self.told("badjob-removed", measure=names.DEATH, reason="fired")
        self.assertEqual(death["annotations"]["exit_code"], "4")
        self.told("badjob-removed", measure=names.DEATH, status="resolved")
        self.exactly("badjob-removed", (names.DEATH, "fired", "warning"), (names.DEATH, "resolved", "warning"))

    def test_ignored_by_label(self):
        """S28 a label on the container leaves it out."""
        self.service("web", restart="no", labels={"custos.ignore": "true"}).crash()
        self.nothing(self.target("web"))


class LongWindowTests(ProvedScenario):
    """What has to happen while the death before it still counts, however slow the machine is."""

    settings = {names.DEATH_WINDOW: "15s", names.RESTART_WINDOW: "1m"}

    def test_restart_loop(self):
        """S23 restarts in a window warn at three and are critical at five; removal ends them."""
        began = time.time()
        loop = self.service("loop", command=["sh", "-c", "sleep 1; exit 1"], restart="always")
        target = self.target("loop")
        self.assertEqual(self.told(target, measure=names.RESTARTS, reason="fired", timeout=40)["severity"], "warning")
        raised = self.told(target, measure=names.RESTARTS, reason="severity_changed", timeout=40)
        self.assertEqual((raised["severity"], raised["previous_severity"]), ("critical", "warning"))
        loop.remove()
        self.told(target, measure=names.RESTARTS, status="resolved")
        fates = [e["Action"] for e in self.engine.events(began) if e["id"] == loop.id]
        crashes = fates[:fates.index("kill")].count("die") if "kill" in fates else fates.count("die")
        self.exactly(
            target, (names.RESTARTS, "fired", "warning"), (names.RESTARTS, "severity_changed", "critical"),
            (names.RESTARTS, "gone", "critical"), (names.DEATH, "fired", "warning"),
            *[(names.DEATH, "occurred", "warning")] * (crashes - 1), (names.DEATH, "gone", "warning"))

    def test_removed_after_a_crash(self):
        """S24 `destroy` resolves as gone at once."""
        web, target = self.service("web", restart="no"), self.target("web")
        web.crash()
        self.told(target, measure=names.RUNNING, reason="fired")
        web.remove()
        self.told(target, measure=names.RUNNING, reason="gone", timeout=10)
        self.exactly(
            target, (names.DEATH, "fired", "critical"), (names.DEATH, "gone", "critical"),
            (names.RUNNING, "fired", "critical"), (names.RUNNING, "gone", "critical"))

    def test_recreated(self):
        """S24 a re-created service is the same target: same fingerprint, and its alert ends when the new one runs."""
        first, target = self.service("web", restart="no"), self.target("web")
        first.crash()
        down = self.told(target, measure=names.RUNNING, reason="fired")
        first.remove()
        second = self.service("web", restart="no")
        self.told(target, measure=names.RUNNING, status="resolved")
        second.crash()
        self.told(target, measure=names.RUNNING, reason="fired", id=lambda i: i != down["id"])
        fingerprints = {e["fingerprint"] for e in self.receiver.alerts(target=target, measure=names.RUNNING)}
        self.assertEqual(fingerprints, {down["fingerprint"]})
        second.remove()
        self.exactly(
            target, *[(names.DEATH, reason, "critical") for reason in ("fired", "gone") * 2],
            *[(names.RUNNING, reason, "critical") for reason in ("fired", "gone") * 2])


class FirstStartTests(Scenario):
    @classmethod
    def setUpClass(cls):
        engine = shared.engine_with_custos()
        cls.old = [
            engine.run(["sh", "-c", "exit 1"], name="old-failure"), engine.run(["true"], name="old-success"),
            engine.service("old", "web", restart="no", command=["sh", "-c", "exit 2"]),
        ]
        for container in cls.old:
            container.wait()
            cls.addClassCleanup(container.remove)
        super().setUpClass()

    def test_old_exited_containers_are_no_news(self):
        """S21 containers that had ended when first seen raise nothing."""
        self.settle()
        old = [e for e in self.receiver.alerts() if "old" in (e["target"] or "")]
        self.assertEqual(old, [])

    def test_the_started_event_says_what_is_watched(self):
        """S10 the first event proves that the set-up works."""
        started = self.custos.output.until(kind="lifecycle", reason="started")
        self.assertIn("docker", str(started["annotations"]) + started["summary"])
        self.assertEqual(len([e for e in self.receiver.events if e["reason"] == "started"]), 1)

    def test_it_runs_without_any_privilege(self):
        """S34 uid 65532, no capability, no new privileges, nothing writable but its own folders."""
        pid = self.custos.container.pid
        with open(f"/proc/{pid}/status") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        self.assertEqual(status["Uid"].split()[0], "65532")
        self.assertEqual({status[k] for k in ("CapPrm", "CapEff", "CapBnd", "CapAmb")}, {"0" * 16})
        self.assertEqual(status["NoNewPrivs"], "1")
        with open(f"/proc/{pid}/mountinfo") as table:
            root = next(line.split() for line in table if line.split()[4] == "/")
        self.assertIn("ro", root[5].split(","))
