"""Unhealthy containers of a real engine are restarted, and no more often than they should be."""

import os

from harness import names, shared
from harness.custos import HardenedCustos
from harness.engine_events import EngineEvents
from harness.ledger import HEALING
from harness.proxy import Proxy
from harness.scenario import Scenario
from harness.waiting import eventually, throughout

WELL_AT_LAST = "if test -e /first; then touch /ok; else touch /first; fi; sleep 100000"
"""Unhealthy in its first run, well in the second, where the health check is `test -e /ok`."""


class HealingScenario(Scenario):
    lists = (HEALING,)

    @classmethod
    def setUpClass(cls):
        cls.restarted = EngineEvents(shared.engine_with_custos(), "restart")
        cls.addClassCleanup(cls.restarted.close)
        super().setUpClass()

    def restarts(self, container):
        """How often the engine restarted a container on request."""
        return [event["id"] for event in self.restarted.seen].count(container.id)


class HealingTests(HealingScenario):
    # All restarts of one container within one alert.
    settings = {**names.HEAL_AT_ONCE, names.DEATH_WINDOW: "15s"}

    def test_a_container_that_never_gets_well(self):
        """It is restarted exactly its budget, each time with an event, then left with one event."""
        web, target = self.service("web", health="exit 1"), self.target("web")
        given_up = self.told(target, measure=names.HEALING, reason="fired", timeout=40)
        self.assertEqual((given_up["severity"], given_up["state"]), ("critical", "gave_up"))
        eventually("both restarts", lambda: self.restarts(web) == 2)
        acts = self.receiver.alerts(target=target, measure=names.HEAL_RESTART, status="firing")
        self.assertEqual([e["annotations"]["restart"] for e in acts], ["1 of 2 within 1h", "2 of 2 within 1h"])
        self.assertEqual({e["severity"] for e in acts}, {"info"})
        throughout("it is left alone", lambda: self.restarts(web) == 2, 5, every=0.5)
        web.remove()
        over = self.told(target, measure=names.HEAL_RESTART, status="resolved", timeout=30)["reason"]
        # Its ill health is one alert from the first to the last; no restart is a death, a loop or another illness.
        self.exactly(
            target, (names.HEALTH, "fired", "critical"), (names.HEALTH, "gone", "critical"),
            (names.HEAL_RESTART, "fired", "info"), (names.HEAL_RESTART, "occurred", "info"),
            (names.HEAL_RESTART, over, "info"),
            (names.HEALING, "fired", "critical"), (names.HEALING, "gone", "critical"))

    def test_a_container_that_a_restart_cures(self):
        """One restart, one event, and the alert of its health ends."""
        web = self.service("web", command=["sh", "-c", WELL_AT_LAST], health="test -e /ok")
        target = self.target("web")
        self.told(target, measure=names.HEALTH, status="resolved", timeout=30)
        eventually("one restart", lambda: self.restarts(web) == 1)
        self.told(target, measure=names.HEAL_RESTART, status="resolved", timeout=30)
        self.exactly(
            target, (names.HEALTH, "fired", "critical"), (names.HEALTH, "resolved", "critical"),
            (names.HEAL_RESTART, "fired", "info"), (names.HEAL_RESTART, "resolved", "info"))

    def test_a_label_says_no(self):
        """Who may start a container may keep it from being restarted."""
        web = self.service("web", health="exit 1", labels={"custos.docker.heal": "false"})
        target = self.target("web")
        self.told(target, measure=names.HEALTH, reason="fired")
        self.settle()
        self.assertEqual(self.restarts(web), 0)
        self.accounted.add(target)

    def test_a_dependant_comes_after_its_parent(self):
        """Who uses another's network is restarted when that one is well again, and is in its network then."""
        vpn = self.service("vpn", command=["sh", "-c", "touch /ok; sleep 100000"], health="test -e /ok")
        app = self.service("app", host={"NetworkMode": f"container:{vpn.id}"})
        vpn.until_health("healthy")
        vpn.run_inside("rm", "/ok")
        for service in ("vpn", "app"):
            self.accounted.add(self.target(service))
        act = self.told(self.target("app"), measure=names.HEAL_RESTART, reason="fired", timeout=40)
        self.assertIn("started anew", act["summary"])
        eventually("both are restarted", lambda: (self.restarts(vpn), self.restarts(app)) == (1, 1))
        order = [event["id"] for event in self.restarted.seen]
        self.assertLess(order.index(vpn.id), order.index(app.id))

        def network(container):
            return os.readlink(f"/proc/{container.pid}/ns/net")
        self.assertEqual(network(app), network(vpn))


class LabelTests(HealingScenario):
    settings = {key: value for key, value in names.HEAL_AT_ONCE.items() if key != names.HEAL}

    @classmethod
    def watched_socket(cls):
        cls.proxy = Proxy(cls.engine.socket)
        cls.addClassCleanup(cls.proxy.close)
        return cls.proxy.socket

    def test_only_the_container_with_the_label(self):
        """Without the setting a label heals its own container; nothing else but GET is sent."""
        other = self.service("other", health="exit 1")
        web = self.service("web", command=["sh", "-c", WELL_AT_LAST], health="test -e /ok",
                           labels={"custos.docker.heal": "true"})
        self.told(self.target("web"), measure=names.HEALTH, status="resolved", timeout=30)
        self.told(self.target("other"), measure=names.HEALTH, reason="fired")
        self.settle()
        eventually("one restart", lambda: (self.restarts(web), self.restarts(other)) == (1, 0))
        acts = [r.target.split("/", 2)[2] for r in self.proxy.requests if r.method != "GET"]
        self.assertEqual(acts, [f"containers/{web.id}/restart"])
        self.accounted.update({self.target("web"), self.target("other")})


class OwnContainerTests(HealingScenario):
    settings = names.HEAL_AT_ONCE

    @classmethod
    def setUpClass(cls):
        original = HardenedCustos.create

        def watched(custos, command=("run",), name=None):
            custos.labels = {}
            custos.config = {"Healthcheck": {"Test": ["CMD", "/custos", "nonsense"], "Interval": 500_000_000,
                                             "Timeout": 5_000_000_000, "Retries": 1}}
            return original(custos, command, name)
        HardenedCustos.create = watched
        try:
            super().setUpClass()
        finally:
            HardenedCustos.create = original

    def test_never_itself(self):
        """Custos watches its own container here, which is unhealthy, and does not touch it."""
        name = self.custos.container.name
        self.told(name, measure=names.HEALTH, reason="fired", timeout=30)
        self.accounted.add(name)
        other = self.service("other", command=["sh", "-c", WELL_AT_LAST], health="test -e /ok")
        self.told(self.target("other"), measure=names.HEALTH, status="resolved", timeout=30)
        self.accounted.add(self.target("other"))
        self.assertEqual(self.custos.container.inspect()["RestartCount"], 0)
        eventually("the other is restarted", lambda: self.restarts(other) == 1)
        self.assertEqual(self.restarts(self.custos.container), 0)
