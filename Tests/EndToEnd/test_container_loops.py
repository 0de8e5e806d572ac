"""Restart loops in a real engine: by its own policy, by re-creation, and jobs that only look like one."""

import os
import tempfile

from harness import names
from harness.compose import Composition
from harness.engine import BUSYBOX
from harness.scenario import Scenario
from harness.waiting import eventually

SECOND = 1_000_000_000


class LoopTests(Scenario):
    settings = {names.DEATH_WINDOW: "5s", names.RESTART_WINDOW: "1m", names.START_LIMIT: "2s"}

    def deaths(self, target):
        return self.receiver.alerts(target=target, measure=names.DEATH, reason=lambda r: r in ("fired", "occurred"))

    def test_a_loop_says_how_it_ends_and_how_long_the_engine_waits(self):
        """S23 the alert of a loop brings the last end and the engine's growing pause."""
        loop = self.service("loop", command=["sh", "-c", "sleep 1; exit 3"], restart="always")
        target = self.target("loop")
        raised = self.told(target, measure=names.RESTARTS, reason="severity_changed", timeout=40)
        self.assertEqual(raised["severity"], "critical")
        self.assertIn("exit code 3", raised["annotations"]["last_end"])
        self.assertIn(raised["annotations"]["back_off"], ("1s600ms", "3s200ms", "6s400ms", "12s"))
        loop.remove()
        self.told(target, measure=names.RESTARTS, status="resolved")
        self.accounted.add(target)

    def test_a_loop_of_new_containers(self):
        """S24 who is re-created after each crash is one target, and its restarts are counted."""
        target = self.target("web")
        for number in range(4):
            web = self.service("web", restart="no")
            web.crash()
            eventually("the death is told", lambda n=number: len(self.deaths(target)) > n)
            web.remove()
        self.service("web", restart="no")
        loop = self.told(target, measure=names.RESTARTS, reason="fired")
        self.assertEqual(loop["severity"], "warning")
        self.assertGreaterEqual(loop["value"], 3)
        self.assertEqual({e["target"] for e in self.receiver.alerts() if self._project in e["target"]}, {target})
        self.accounted.add(target)

    def test_a_loop_of_compose(self):
        """S24 compose starts it again, then re-creates it: one target, one alert."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "compose.yaml")
        with open(path, "w") as file:
            file.write(f"""services:
  web:
    image: {BUSYBOX}
    command: ["sh", "-c", "sleep 1; exit 9"]
    network_mode: none
""")
        compose = Composition(self.engine, "looping", path)
        self.addCleanup(compose.down)
        compose.up()
        target = "looping/web/1"
        for number in range(4):
            eventually("the death is told", lambda n=number: len(self.deaths(target)) > n)
            compose.run("up", "-d", "--no-build", *(["--force-recreate"] if number % 2 else []))
        loop = self.told(target, measure=names.RESTARTS, reason="fired")
        self.assertIn("exit code 9", loop["annotations"]["last_end"])
        compose.down()
        self.told(target, measure=names.RESTARTS, status="resolved")
        self.accounted.add(target)

    def test_a_job_that_ends_well_at_last(self):
        """S22 two failures and an end as it should: two deaths, and all is well."""
        script = "n=$(cat /n 2>/dev/null || echo 0); echo $((n+1)) >/n; sleep 0.5; test $n -ge 2"
        job = self.service("job", command=["sh", "-c", script], restart="on-failure")
        target = self.target("job")
        eventually("it is through", lambda: job.inspect()["RestartCount"] == 2 and not job.pid)
        self.exactly(target, (names.DEATH, "fired", "warning"), (names.DEATH, "occurred", "warning"),
                     (names.DEATH, "resolved", "warning"))

    def test_the_same_job_again_and_again(self):
        """S22 jobs that end well are no loop, however often they run."""
        for number in range(6):
            self.run_container(["true"], name="nightly").wait()
            self.engine.call("DELETE", "/containers/nightly?force=1")
            self.service("migrate", one_off=number % 2 == 0, command=["true"], name=f"migrate-{number}").wait()
        self.settle()
        self.assertEqual([e for e in self.receiver.alerts()
                          if "nightly" in e["target"] or "migrate" in e["target"]], [])

    def test_starting_for_too_long(self):
        """A health check that never says yes or no is a warning after start_limit."""
        probe = {"Test": ["CMD-SHELL", "exit 1"], "Interval": SECOND // 2, "StartPeriod": 600 * SECOND, "Retries": 1}
        web, target = self.service("web", config={"Healthcheck": probe}), self.target("web")
        slow = self.told(target, measure=names.HEALTH, reason="fired")
        self.assertEqual((slow["severity"], slow["state"]), ("warning", "starting_too_long"))
        web.remove()
        self.told(target, measure=names.HEALTH, status="resolved")
        self.exactly(target, (names.HEALTH, "fired", "warning"), (names.HEALTH, "resolved", "warning"))
