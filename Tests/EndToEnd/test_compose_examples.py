"""The examples of labels and of healing, brought up by a real compose client."""

import unittest

from harness import names, shared
from harness.compose import Composition
from harness.engine import BUSYBOX
from harness.ledger import HEALING, LEDGER, LOGS
from harness.receiver import Receiver
from harness.scenario import Scenario
from harness.waiting import eventually


class LabelsTests(Scenario):
    settings = {key: value for key, value in names.HEAL_AT_ONCE.items() if key != names.HEAL}
    lists = (HEALING,)

    def test_each_label_does_what_the_file_says(self):
        """S20 S28 one is healed, a kill of one counts, one is left alone; no label is refused."""
        compose = Composition(self.engine, "shop", "compose.labels.yaml", BUSYBOX_IMAGE=BUSYBOX)
        self.addCleanup(compose.down)
        compose.up()
        web, cache, worker, scratch = map(compose.container, ("web", "cache", "worker", "scratch"))
        self.accounted.update(f"shop/{service}/1" for service in ("web", "cache", "worker", "scratch"))
        web.until_health("healthy", 30)
        scratch.crash()
        worker.kill()
        death = self.told("shop/worker/1", measure=names.DEATH, reason="fired")
        self.assertEqual(death["annotations"]["exit_code"], "137")
        self.engine.call("POST", f"/containers/{cache.id}/restart?t=1")
        web.run_inside("rm", "/well")
        self.told("shop/web/1", measure=names.HEAL_RESTART, reason="fired", timeout=30)
        self.told("shop/web/1", measure=names.HEALTH, status="resolved", timeout=30)
        self.settle()
        told = {(e["target"], e["measure"]) for e in self.receiver.alerts() if e["target"].startswith("shop/")}
        self.assertEqual({pair for pair in told if pair[0] in ("shop/scratch/1", "shop/cache/1")}, set())
        self.assertNotIn("container_labels", {measure for _, measure in told})


class HealingTests(unittest.TestCase):
    def test_laid_over_the_sidecar(self):
        """It is the sidecar with a few variables more; it heals, and shows the last lines of a death."""
        self.enterContext(LEDGER.switched_on(LOGS, HEALING))
        engine = shared.server()
        receiver = Receiver("0.0.0.0")
        self.addCleanup(receiver.close)
        compose = Composition(
            engine, "healing", "compose.yaml", "compose.healing.yaml", CUSTOS_NODE="healing",
            CUSTOS_DOCKER__HEALING__BUDGET="1", CUSTOS_DOCKER__HEALING__PAUSE="1s", CUSTOS_DOCKER__HEALING__GRACE="0s",
            CUSTOS_WEBHOOK__URL=f"http://{engine.gateway}:{receiver.port}/hook")
        self.addCleanup(compose.down)
        compose.up()
        started = eventually(lambda: f"the webhook is told\n{compose.logs()[-3000:]}",
                             lambda: [e for e in receiver.events if e["reason"] == "started"], 30)[0]
        self.assertIn("POST /containers/{id}/restart", started["annotations"]["asks_engine_for"])
        sick = engine.service("ward", "sick", health="exit 1")
        self.addCleanup(sick.remove)
        given_up = eventually("it is given up after its budget",
                              lambda: receiver.alerts(measure=names.HEALING, target="ward/sick/1"), 40)[0]
        self.assertEqual((given_up["severity"], given_up["state"]), ("critical", "gave_up"))
        self.assertEqual(len(receiver.alerts(measure=names.HEAL_RESTART, target="ward/sick/1", reason="fired")), 1)
        web = engine.service("ward", "web", command=["sh", "-c", "echo last words; sleep 2; exit 1"])
        self.addCleanup(web.remove)
        death = eventually("its death is told",
                           lambda: receiver.alerts(measure=names.DEATH, target="ward/web/1"), 20)[0]
        self.assertEqual(death["annotations"]["last_log_lines"], "last words")


if __name__ == "__main__":
    unittest.main()
