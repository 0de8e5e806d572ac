"""Several engines at once: a real Docker Engine, and beside it a stand-in or a Podman."""

import json
import unittest

from harness import names, shared
from harness.custos import Custos, brief
from harness.engine_stub import EngineStub
from harness.podman import Podman

FAR, POD = "CUSTOS_DOCKER__FAR__HOST", "CUSTOS_DOCKER__POD__HOST"


class EnginesTests(unittest.TestCase):
    def setUp(self):
        self.near = shared.engine()

    def custos(self, **environment):
        custos = Custos({**names.QUICK, **names.ONLY_DOCKER, "CUSTOS_DOCKER__DEFAULTS__DEATH_WINDOW": "4s",
                         "CUSTOS_DOCKER__DEFAULTS__INCLUDE_PROJECTS": "both", "CUSTOS_DOCKER__INCLUDE_PROJECTS": "both",
                         names.DOCKER_HOST: "unix://" + self.near.socket, **environment})
        self.addCleanup(custos.close)
        return custos.started()

    def far(self):
        stub = EngineStub()
        self.addCleanup(stub.close)
        stub.service("both", "web", restart="no")
        return stub

    def test_the_same_name_on_two_engines(self):
        """S3 two alerts with fingerprints of their own; the label says which engine's."""
        far = self.far()
        web = self.near.service("both", "web", restart="no")
        self.addCleanup(web.remove)
        custos = self.custos(**{FAR: "unix://" + far.socket})
        web.crash()
        near = custos.output.until(target="both/web/1", measure=names.DEATH, reason="fired")
        self.assertEqual((near["check"], near["labels"]["engine"]), ("docker", "docker"))
        far.die("both-web-1", code=5)
        other = custos.output.until(target="both/web/1", measure=names.DEATH, reason="fired", check="docker.far")
        self.assertEqual((other["labels"]["engine"], other["annotations"]["exit_code"]), ("far", "5"))
        self.assertNotEqual(near["fingerprint"], other["fingerprint"])
        far.start("both-web-1")
        custos.output.until(target="both/web/1", measure=names.RUNNING, reason="resolved", check="docker.far")
        still = [e for e in custos.output.alerts(check="docker", measure=names.RUNNING) if e["status"] == "resolved"]
        self.assertEqual(still, [], "the near one is still down")

    def test_one_is_lost(self):
        """S26 the outage of one is its own; a death on the other is told meanwhile."""
        far = self.far()
        web = self.near.service("both", "api", restart="no")
        self.addCleanup(web.remove)
        custos = self.custos(**{FAR: "unix://" + far.socket})
        far.down()
        lost = custos.output.until(measure=names.REACHABLE, reason="fired")
        self.assertEqual((lost["check"], lost["labels"]["engine"]), ("docker.far", "far"))
        web.crash()
        custos.output.until(target="both/api/1", measure=names.DEATH, reason="fired", check="docker")
        far.up()
        custos.output.until(measure=names.REACHABLE, reason="resolved", check="docker.far")
        reachable = [e for e in custos.output.alerts(measure=names.REACHABLE) if e["check"] == "docker"]
        self.assertEqual(reachable, [], brief(custos.output.alerts()))

    def test_one_look(self):
        """S21 `custos check` looks at both, each by a check of its own."""
        far = self.far()
        web = self.near.service("both", "web", restart="no")
        self.addCleanup(web.remove)
        done = self.custos(**{FAR: "unix://" + far.socket}).command("check", "--output", "json")
        seen = {check["check"]: {o["target"]: o.get("state") for o in check["observations"]
                                 if o["measure"] == names.RUNNING} for check in json.loads(done.stdout)["checks"]}
        self.assertEqual(seen["docker"], {"both/web/1": "running"})
        self.assertEqual(seen["docker.far"], {"both/web/1": "running"})

    def test_docker_and_podman(self):
        """S20 each is understood in its own words: what people ask for is no death on either, a crash is on both."""
        podman = Podman().start().with_busybox()
        self.addCleanup(podman.close)
        pairs = [(engine, [engine.service("both", name, restart="no") for name in ("killed", "crashed")])
                 for engine in (self.near, podman)]
        for _, containers in pairs:
            for container in containers:
                self.addCleanup(container.remove)
        custos = self.custos(**{POD: "unix://" + podman.socket})
        for _, (killed, crashed) in pairs:
            killed.kill()
            crashed.crash()
        for check in ("docker", "docker.pod"):
            custos.output.until(target="both/crashed/1", measure=names.DEATH, reason="fired", check=check)
        self.assertEqual(custos.output.alerts(target="both/killed/1", measure=names.DEATH), [])


if __name__ == "__main__":
    unittest.main()
