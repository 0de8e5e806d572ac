"""The engine goes away, its stream is cut, it comes back: what was missed is told once."""

import os
import unittest

from harness import names
from harness.custos import HardenedCustos, binary
from harness.engine import Engine
from harness.proxy import Proxy
from harness.receiver import Receiver
from harness.scenario import Scenario
from harness.waiting import eventually


class StreamCutTests(Scenario):
    @classmethod
    def watched_socket(cls):
        cls.proxy = Proxy(cls.engine.control)
        cls.addClassCleanup(cls.proxy.close)
        return cls.proxy.socket

    def connected(self):
        """How often Custos has had a stream and a whole list."""
        return self.custos.output.log.count("engine connected")

    def test_a_cut_stream_is_opened_again_and_loses_nothing(self):
        """S25 events are hints, the list is the truth: a death right after the cut is told once."""
        web, target = self.service("web", restart="no"), self.target("web")
        self.settle()
        before = self.connected()
        self.proxy.cut()
        web.crash()
        self.told(target, measure=names.DEATH, reason="fired")
        eventually("the stream is open again", lambda: self.connected() > before)
        self.settle()
        self.told(target, measure=names.DEATH, status="resolved")
        web.remove()
        self.exactly(
            target, (names.DEATH, "fired", "critical"), (names.DEATH, "resolved", "critical"),
            (names.RUNNING, "fired", "critical"), (names.RUNNING, "gone", "critical"))

    def test_cutting_without_a_death_is_no_news(self):
        """S26 a stream that is cut and opened again at once is no outage."""
        for _ in range(3):
            before = self.connected()
            self.proxy.cut()
            eventually("the engine is watched again", lambda: self.connected() > before)
        self.settle()
        self.assertEqual(self.receiver.alerts(measure=names.REACHABLE), [])


class EngineRestartTests(unittest.TestCase):
    def test_the_engine_is_stopped_and_started(self):
        """S26 the outage is one critical alert that resolves; a death meanwhile is told when the engine is back."""
        engine = Engine(live_restore=True).start().with_busybox()
        self.addCleanup(engine.close)
        engine.with_custos(binary())
        target = Receiver(engine.gateway)
        self.addCleanup(target.close)
        settings = {**names.QUICK, **names.ONLY_DOCKER, names.WEBHOOK: target.url}
        custos = HardenedCustos(engine, engine.socket, settings, folder_mount=True)
        self.addCleanup(custos.close)
        engine.service("loss", "steady", restart="always")
        victim = engine.service("loss", "victim", restart="no")
        pid = victim.pid
        custos.started()

        engine.stop()
        down = eventually("the outage is told", lambda: target.alerts(measure=names.REACHABLE, status="firing"), 30)[0]
        self.assertEqual(down["severity"], "critical")
        os.kill(pid, 9)
        eventually("the victim is dead", lambda: not alive(pid))
        self.assertEqual(target.alerts(measure=names.DEATH), [], "nobody can know yet")

        engine.start()
        eventually("the end of the outage", lambda: target.alerts(measure=names.REACHABLE, status="resolved"), 30)
        eventually(lambda: f"the death is told; told: {target.alerts()}",
                   lambda: [e for e in target.alerts(status="firing")
                            if e["measure"] != names.REACHABLE and "victim" in str(e)], 30)
        # The outage is one alert; the death is one event about the engine, and the victim speaks a minute later (S26).
        told = [(e["measure"], e["target"], e["reason"], e["severity"]) for e in target.alerts()]
        self.assertEqual([entry for entry in told if entry[0] == names.REACHABLE], [
            (names.REACHABLE, "engine", "fired", "critical"), (names.REACHABLE, "engine", "resolved", "critical")])
        fired = [entry for entry in told if entry[2] == "fired" and entry[0] != names.REACHABLE]
        self.assertEqual(len(fired), 1, told)
        self.assertEqual([entry for entry in told if "steady" in entry[1]], [], "it ran all the time")


def alive(pid):
    """Whether the process runs; one that has ended may stay as a zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may end between the two calls
        return False


if __name__ == "__main__":
    unittest.main()
