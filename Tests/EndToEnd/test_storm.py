"""Containers that come and go faster than anybody watches them: no death is lost."""

import collections
import concurrent.futures
import os
import unittest

from harness import names, shared
from harness.custos import Custos
from harness.engine_stub import EngineStub
from harness.waiting import eventually

COUNT = int(os.environ.get("STORM_COUNT", 500))
REAL = int(os.environ.get("STORM_REAL", 100))


class StormTests(unittest.TestCase):
    def custos(self, socket):
        custos = Custos({**names.UNLIMITED, **names.ONLY_DOCKER, names.DOCKER_HOST: "unix://" + socket,
                         "CUSTOS_DOCKER__OCCURRENCE_INTERVAL": "0s", "CUSTOS_DOCKER__INCLUDE_PROJECTS": "storm*"})
        self.addCleanup(custos.close)
        return custos.started()

    def deaths(self, custos):
        """How often the death of each target was told."""
        return collections.Counter(event["target"] for event in
                                   custos.output.alerts(measure=names.DEATH, reason="fired"))

    def down(self, custos):
        """What was told as not running, and never as gone."""
        fired, gone = ({e["target"] for e in custos.output.alerts(measure=names.RUNNING, reason=reason)}
                       for reason in ("fired", "gone"))
        return fired - gone

    def each_told_once(self, custos, targets, timeout=60):
        wanted = collections.Counter(targets)
        eventually(lambda: f"each death; missing {list(wanted - self.deaths(custos))[:5]}",
                   lambda: self.deaths(custos) == wanted, timeout)
        alerts = custos.output.alerts()
        self.assertEqual([e for e in alerts if e["measure"] == names.RESTARTS], [])

    def test_containers_of_a_stand_in(self):
        """S23 S22 five hundred in seconds, dead and removed before anybody could look: each is told."""
        stub = EngineStub()
        self.addCleanup(stub.close)
        custos = self.custos(stub.socket)
        targets = []
        for number in range(COUNT):
            stub.service("storm", f"s{number}", restart="no")
            stub.die(f"storm-s{number}-1", code=number % 125 + 1)
            if number % 2:
                stub.remove(f"storm-s{number}-1")
            targets.append(f"storm/s{number}/1")
        self.each_told_once(custos, targets)
        codes = {e["target"]: e["annotations"]["exit_code"]
                 for e in custos.output.alerts(measure=names.DEATH, reason="fired")}
        self.assertEqual(codes, {f"storm/s{number}/1": str(number % 125 + 1) for number in range(COUNT)})
        removed = {f"storm/s{number}/1" for number in range(1, COUNT, 2)}
        eventually("what was removed is gone", lambda: removed == {
            e["target"] for e in custos.output.alerts(measure=names.DEATH, reason="gone")})
        left = set(targets) - removed
        eventually(lambda: f"who is left is down, and nobody else: {self.down(custos) ^ left}",
                   lambda: self.down(custos) == left)
        self.assertLessEqual(len(stub.asked("/json")), 3 * COUNT + 10, "questions to the engine")

    def test_containers_of_a_real_engine(self):
        """S23 as many as the engine makes with four hands, each killed and removed."""
        engine = shared.engine()
        custos = self.custos(engine.socket)

        def one(number):
            container = engine.service("storm", f"r{number}", restart="no", host={"NetworkMode": "none"})
            container.crash()
            container.wait()
            container.remove()
            return f"storm/r{number}/1"
        with concurrent.futures.ThreadPoolExecutor(4) as hands:
            targets = list(hands.map(one, range(REAL)))
        self.each_told_once(custos, targets)
        eventually(lambda: f"what fires for a container that is gone ends with it: "
                           f"{[e for e in custos.output.alerts() if e['target'] in self.down(custos)]}",
                   lambda: not self.down(custos))


if __name__ == "__main__":
    unittest.main()
