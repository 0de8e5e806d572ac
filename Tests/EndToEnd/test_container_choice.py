"""Which of the engine's containers are watched: by label and compose service, from the environment and the file."""

import os
import shutil
import tempfile
import unittest

from harness import names, shared
from harness.custos import Custos
from harness.receiver import Receiver
from harness.scenario import Scenario
from harness.waiting import eventually


class EnvironmentTests(Scenario):
    settings = {"CUSTOS_DOCKER__EXCLUDE_LABELS": "com.example.tier=test*,com.example.scratch",
                "CUSTOS_DOCKER__EXCLUDE_SERVICES": "mig*"}

    def crashed(self, service, **labels):
        web = self.service(service, restart="no", labels={f"com.example.{k}": v for k, v in labels.items()})
        web.crash()
        return self.target(service)

    def test_excluded_by_label_and_service(self):
        silent = [self.crashed("a", tier="testing"), self.crashed("b", scratch=""), self.crashed("migrate")]
        spoken = [self.crashed("c", tier="production"), self.crashed("d")]
        for target in spoken:
            self.told(target, measure=names.DEATH, reason="fired")
            self.accounted.add(target)
        for target in silent:
            self.nothing(target)


class FileTests(unittest.TestCase):
    def test_a_reload_chooses_by_label(self):
        """S14 the alerts of what a reload leaves out end, for that reason; what it takes in is watched at once."""
        engine = shared.engine()
        receiver = Receiver()
        self.addCleanup(receiver.close)
        folder = tempfile.mkdtemp(prefix="custos-choice-")
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, "custos.yaml")

        def write(labels):
            with open(path, "w") as file:
                file.write(f"docker:\n  include_labels: [{labels}]\n")
        write('"com.example.run=one*"')
        custos = Custos({**names.QUICK, **names.ONLY_DOCKER, names.WEBHOOK: receiver.url, names.CONFIG: path,
                         names.DOCKER_HOST: f"unix://{engine.socket}", names.DEATH_WINDOW: "1h"})
        self.addCleanup(custos.close)
        one = engine.service("choice", "one", labels={"com.example.run": "one-1"})
        two = engine.service("choice", "two", labels={"com.example.run": "two"})
        for container in (one, two):
            self.addCleanup(container.remove)
        custos.started()
        two.crash()
        one.crash()
        eventually("the death of one", lambda: receiver.alerts(target="choice/one/1", measure=names.RUNNING), 15)
        write('"com.example.run=two"')
        custos.reload()
        over = eventually("the end of one's alerts",
                          lambda: len(receiver.alerts(target="choice/one/1", reason="gone")) == 2
                          and receiver.alerts(target="choice/one/1", reason="gone"), 15)
        self.assertEqual({e["annotations"]["configuration"] for e in over}, {"the target is excluded"})
        two.start()
        two.until("running")
        two.crash()
        eventually("two is watched", lambda: receiver.alerts(target="choice/two/1", measure=names.RUNNING), 15)
        self.assertEqual(len(receiver.alerts(target="choice/two/1", measure=names.DEATH)), 1)


if __name__ == "__main__":
    unittest.main()
