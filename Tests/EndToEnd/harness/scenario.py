"""A test case with Custos watching the shared engine from the hardened container, telling stdout and a webhook."""

import unittest

from . import names, shared
from .custos import HardenedCustos, brief
from .ledger import LEDGER
from .receiver import Receiver, matching
from .waiting import eventually


class Scenario(unittest.TestCase):
    """Started once per class; each test uses targets of its own."""

    # What Custos is told besides, or otherwise than `QUICK` says.
    settings = {}
    # The lists of requests that these settings need beside the first.
    lists = ()

    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(LEDGER.switched_on(*cls.lists))
        cls.engine = shared.engine_with_custos()
        cls.receiver = Receiver(cls.engine.gateway)
        cls.addClassCleanup(cls.receiver.close)
        environment = {**names.QUICK, **cls.settings, names.WEBHOOK: cls.receiver.url}
        name = f"custos-{cls.__name__.lower()}"
        cls.custos = HardenedCustos(cls.engine, cls.watched_socket(), environment, name)
        cls.addClassCleanup(cls.custos.close)
        cls.accounted = set()
        cls.custos.started()

    @classmethod
    def tearDownClass(cls):
        """Nothing was told about a target that no test has judged, nor about the engine or a check."""
        try:
            extra = [e for e in cls.receiver.alerts()
                     if e["target"] not in cls.accounted and not e["target"].startswith("settle/")
                     and e["check_kind"] == "docker"]
            assert not extra, brief(extra)
        finally:
            super().tearDownClass()

    @classmethod
    def watched_socket(cls):
        return cls.engine.socket

    # Containers, each removed at the end of the test

    def service(self, service, **options):
        return self._kept(self.engine.service(self._project, service, **options))

    def run_container(self, command, **options):
        return self._kept(self.engine.run(command, **options))

    def _kept(self, container):
        self.addCleanup(container.remove)
        return container

    @property
    def _project(self):
        return self.id().rpartition(".test_")[2].replace("_", "")[:24]

    def target(self, service, number=1):
        """What S24 calls this test's service."""
        return f"{self._project}/{service}/{number}"

    # Events

    def told(self, target, timeout=30, **fields):
        """Waits until the webhook and stdout were told; the event as the webhook got it."""
        def missing():
            return f"{fields} of {target}; told: {self.story(target)}\nlog: {self.custos.output.log[-1500:]}"
        event = eventually(missing, lambda: self.receiver.alerts(target=target, **fields), timeout)[0]
        eventually(lambda: f"stdout has {event['id']}", lambda: matching(self.custos.output.events, id=event["id"]))
        return event

    def story(self, target):
        """All that was told about a target so far: (measure, reason, severity), in the order of arrival."""
        return [(e["measure"], e["reason"], e["severity"]) for e in self.receiver.alerts(target=target)]

    def settle(self):
        """Waits until all that happened so far has been seen and judged: a later death was told and has cleared."""
        marker = self._kept(self.engine.service("settle", "marker" + str(len(self.receiver.requests)), restart="no"))
        name = marker.name
        marker.crash()
        target = "settle/" + name.split("-")[1] + "/1"
        self.told(target, measure=names.DEATH, reason="fired")
        self.told(target, measure=names.DEATH, status="resolved", timeout=30)

    def exactly(self, target, *expected):
        """When all that happened is judged, this was told about the target, each once, in this order per measure."""
        self.settle()
        self.accounted.add(target)
        told = self.story(target)
        for measure in sorted({m for m, _, _ in told} | {m for m, _, _ in expected}):
            self.assertEqual([e for e in told if e[0] == measure], [e for e in expected if e[0] == measure])

    def nothing(self, target):
        self.exactly(target)
