"""Custos runs on threads of its own: Swift's pool, which wakes up every second, never starts."""

import re
import socket
import unittest

from harness import names, receiver
from harness.custos import Custos
from harness.engine_stub import EngineStub
from harness.waiting import eventually

OWN = re.compile(r"custos-(work|looks|journal|signals|curl|disk)|NIO-ELT-\S+")


class ThreadTests(unittest.TestCase):
    def test_no_thread_is_of_swifts_pool(self):
        """Not at the start, nor after an event, a question, a reload and a sink that fails."""
        engine = EngineStub()
        self.addCleanup(engine.close)
        hook = receiver.Receiver()
        self.addCleanup(hook.close)
        container = engine.service("web", "front").name
        # Bound and not listening: nobody else can take the port, and it refuses.
        closed = socket.socket()
        self.addCleanup(closed.close)
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        custos = Custos({**names.UNLIMITED, **names.webhook("dead", dead), names.WEBHOOK: hook.url,
                         names.DOCKER_HOST: "unix://" + engine.socket, names.STATUS: "127.0.0.1:0"})
        self.addCleanup(custos.close)
        custos.started()
        engine.die(container)
        eventually("the death is told", lambda: hook.alerts(measure="container_death"))
        custos.command("alerts")
        custos.command("health")
        custos.reload()
        custos.output.until(reason="reloaded")
        # The main thread waits for the end of the process.
        threads = [name for thread, name in custos.threads().items() if thread != custos.process.pid]
        self.assertEqual([name for name in threads if not OWN.fullmatch(name)], [])
        self.assertIn("custos-work", threads)


if __name__ == "__main__":
    unittest.main()
