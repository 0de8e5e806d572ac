"""What the test of the ledger lets `run.py` run: in one of them something asks an engine what it must not."""

import unittest

from . import ledger, unix_http
from .engine_stub import EngineStub
from .proxy import Proxy


class Requests(unittest.TestCase):
    def ask(self, method, target):
        stub = EngineStub()
        self.addCleanup(stub.close)
        unix_http.request(stub.socket, method, target)

    def test_listed(self):
        self.ask("GET", "/v1.41/containers/json?all=1")
        with ledger.LEDGER.switched_on(ledger.LOGS, ledger.HEALING):
            self.ask("GET", "/containers/web/logs?tail=5")
            self.ask("POST", "/v1.41/containers/web/restart")

    def test_unlisted(self):
        self.ask("GET", "/images/json")

    def test_not_switched_on(self):
        self.ask("GET", "/containers/web/logs?tail=5")

    def test_unlisted_through_the_proxy(self):
        stub = EngineStub()
        self.addCleanup(stub.close)
        proxy = Proxy(stub.socket)
        self.addCleanup(proxy.close)
        unix_http.request(proxy.socket, "PUT", "/info")
