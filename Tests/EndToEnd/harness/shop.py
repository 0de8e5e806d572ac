"""A test case with a stub of an engine that runs one service, and a receiver."""

import unittest

from .engine_stub import EngineStub
from .receiver import Receiver


class ShopCase(unittest.TestCase):
    """Each test has its own stub, with the container `shop-web-1`, and its own receiver."""

    def setUp(self):
        self.stub = EngineStub()
        self.addCleanup(self.stub.close)
        self.stub.service("shop", "web")
        self.hook = Receiver()
        self.addCleanup(self.hook.close)
