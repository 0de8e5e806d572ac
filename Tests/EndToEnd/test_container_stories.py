"""What people do to containers of a real engine, and what is told of it."""

import json
import unittest

from harness import names, shared
from harness.custos import Custos
from harness.scenario import Scenario
from harness.waiting import eventually


class StoryTests(Scenario):
    settings = {"CUSTOS_DOCKER__REQUESTED_STOP_GRACE": "3s"}

    def post(self, container, what):
        self.engine.call("POST", f"/containers/{container.id}/{what}")

    def test_paused(self):
        """S20 a paused container is a warning until it goes on."""
        web, target = self.service("web"), self.target("web")
        self.settle()
        self.post(web, "pause")
        self.assertEqual(self.told(target, measure=names.RUNNING, reason="fired")["state"], "paused")
        self.post(web, "unpause")
        self.told(target, measure=names.RUNNING, status="resolved")
        self.exactly(target, (names.RUNNING, "fired", "warning"), (names.RUNNING, "resolved", "warning"))

    def test_still_down(self):
        """S20 what was stopped on request and is still down after its grace is a warning, until it runs again."""
        web, target = self.service("web"), self.target("web")
        self.settle()
        web.stop()
        self.assertEqual(self.told(target, measure=names.RUNNING, reason="fired")["state"], "stopped_on_request")
        web.start()
        self.told(target, measure=names.RUNNING, status="resolved")
        self.exactly(target, (names.RUNNING, "fired", "warning"), (names.RUNNING, "resolved", "warning"))

    def test_a_kill_counts(self):
        """S20 S28 where a label says that a kill counts, it is a death like another."""
        target = self.target("web")
        web = self.service("web", restart="no", labels={"custos.docker.kill_counts": "true"})
        self.settle()
        web.kill()
        self.told(target, measure=names.DEATH, reason="fired")
        self.assertEqual(self.told(target, measure=names.RUNNING, reason="fired")["state"], "crashed")
        self.accounted.add(target)

    def test_stopped_between_two_tries(self):
        """S20 who stops a container that crashes again and again has mended it."""
        target = self.target("web")
        web = self.service("web", restart="always", command=["sh", "-c", "sleep 1; exit 1"])
        self.told(target, measure=names.DEATH, reason="fired")
        eventually("the engine waits", lambda: web.inspect()["State"]["Status"] == "restarting")
        web.stop()
        self.told(target, measure=names.DEATH, status="resolved", timeout=30)
        self.assertEqual([e for e in self.receiver.alerts(target=target, measure=names.RUNNING)
                          if e["state"] == "crashed"], [])
        self.accounted.add(target)


class RenamedTests(Scenario):
    # The old name's alert still fires when it is renamed, however slow the machine is.
    settings = {names.DEATH_WINDOW: "15s"}

    def test_renamed(self):
        """S24 what fired under the old name is gone, and fires under the new one."""
        web = self.run_container(["sh", "-c", "sleep 1; exit 3"], name="stories-old")
        self.told("stories-old", measure=names.DEATH, reason="fired")
        self.engine.call("POST", f"/containers/{web.id}/rename?name=stories-new")
        self.told("stories-old", measure=names.DEATH, reason="gone", timeout=20)
        web.restart()
        self.told("stories-new", measure=names.DEATH, reason="fired")
        self.accounted.update({"stories-old", "stories-new"})


class ChoiceTests(Scenario):
    settings = {"CUSTOS_DOCKER__EXCLUDE": "stories-hidden*", "CUSTOS_DOCKER__EXCLUDE_PROJECTS": "storiesquiet",
                "CUSTOS_DOCKER__EXCLUDE_IMAGES": "stories/silent*"}

    def test_excluded_by_name_project_and_image(self):
        """Only what is chosen is told of."""
        self.engine.call("POST", "/images/custos-e2e%2Fbusybox:1/tag?repo=stories/silent&tag=1")
        self.addCleanup(self.engine.call, "DELETE", "/images/stories%2Fsilent:1")
        hidden = self.run_container(["sleep", "1000"], name="stories-hidden-1")
        quiet = self.engine.service("storiesquiet", "web", restart="no")
        self.addCleanup(quiet.remove)
        silent = self.run_container(["sleep", "1000"], name="stories-silent", image="stories/silent:1")
        for container in (hidden, quiet, silent):
            container.crash()
        for target in ("stories-hidden-1", "storiesquiet/web/1", "stories-silent"):
            self.nothing(target)


class RestartOfCustosTests(unittest.TestCase):
    def test_what_happened_meanwhile(self):
        """S21 who died while Custos was down is told, who was told and runs again resolves, who was removed is gone."""
        engine = shared.engine()
        custos = Custos({**names.QUICK, **names.ONLY_DOCKER, names.DEATH_WINDOW: "1h",
                         "CUSTOS_DOCKER__INCLUDE_PROJECTS": "meanwhile", names.DOCKER_HOST: f"unix://{engine.socket}"})
        self.addCleanup(custos.close)
        late, mended, removed, steady = (engine.service("meanwhile", service, restart="no")
                                         for service in ("late", "mended", "removed", "steady"))
        for container in (late, mended, removed, steady):
            self.addCleanup(container.remove)
        custos.started()
        for container in (mended, removed):
            container.crash()
        for service in ("mended", "removed"):
            custos.output.until(target=f"meanwhile/{service}/1", measure=names.RUNNING, reason="fired")
        custos.stop()
        late.crash()
        late.wait()
        mended.start()
        removed.remove()
        custos.start()
        death = custos.output.until(target="meanwhile/late/1", measure=names.DEATH, reason="fired")
        self.assertEqual(death["annotations"]["exit_code"], "137", json.dumps(death))
        custos.output.until(target="meanwhile/mended/1", measure=names.RUNNING, reason="resolved")
        custos.output.until(target="meanwhile/removed/1", measure=names.RUNNING, reason="gone")
        self.assertEqual(custos.output.alerts(target="meanwhile/steady/1"), [])


if __name__ == "__main__":
    unittest.main()
