"""Custos runs on threads of its own: Swift's pool, which wakes up every second, never starts."""

import os
import re
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
        custos = Custos({**names.UNLIMITED, **names.webhook("dead", "http://127.0.0.1:9/"), names.WEBHOOK: hook.url,
                         names.DOCKER_HOST: "unix://" + engine.socket, names.STATUS: "127.0.0.1:0"})
        self.addCleanup(custos.close)
        custos.started()
        engine.die(container)
        eventually("the death is told", lambda: hook.alerts(measure="container_death"))
        custos.command("alerts")
        custos.command("health")
        custos.reload()
        custos.output.until(reason="reloaded")
        folder = f"/proc/{custos.process.pid}/task"
        threads = []
        # The main thread waits for the end of the process.
        for thread in set(os.listdir(folder)) - {str(custos.process.pid)}:
            with open(f"{folder}/{thread}/comm") as file:
                threads.append(file.read().strip())
        self.assertEqual([name for name in threads if not OWN.fullmatch(name)], [])
        self.assertIn("custos-work", threads)


if __name__ == "__main__":
    unittest.main()
