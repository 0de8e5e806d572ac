"""The compose file, brought up by a real compose client against a real engine, and the image behind it."""

import os
import subprocess
import unittest

from harness import engine as engines
from harness import images, names, shared
from harness.receiver import Receiver
from harness.waiting import eventually


class ComposeTests(unittest.TestCase):
    def setUp(self):
        self.engine = shared.engine_with_custos()
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": "/nonexistent", "DOCKER_HOST": "unix://" + self.engine.socket,
            "DOCKER_SOCKET": self.engine.socket, "CUSTOS_IMAGE": engines.CUSTOS, "CUSTOS_NODE": "composed",
        }

    def compose(self, *arguments):
        return subprocess.run(["/usr/bin/docker-compose", "-p", "beside", "-f", "compose/compose.yaml", *arguments],
                              cwd=images.REPOSITORY, env=self.environment, capture_output=True, text=True, timeout=120,
                              check=False)

    def test_the_sidecar(self):
        """S34 S38 two variables, one command: it starts, is healthy, writes its volume, and tells the webhook."""
        receiver = Receiver("0.0.0.0")
        self.addCleanup(receiver.close)
        self.environment["DOCKER_GID"] = str(os.stat(self.engine.socket).st_gid)
        # Any address of this machine reaches the receiver from the network that compose makes.
        self.environment["CUSTOS_WEBHOOK__URL"] = f"http://{self.engine.gateway}:{receiver.port}/hook"
        self.addCleanup(self.compose, "down", "--volumes", "--timeout", "5")
        up = self.compose("up", "-d", "--no-build")
        self.assertEqual(up.returncode, 0, up.stderr)
        eventually(lambda: f"the webhook is told\n{self.compose('logs').stdout[-3000:]}",
                   lambda: [e for e in receiver.events if e["reason"] == "started"], 30)
        self.assertEqual({e["node"] for e in receiver.events}, {"composed"})
        identifier = self.compose("ps", "-q", "custos").stdout.strip()
        container = engines.Container(self.engine, identifier)
        container.until_health("healthy", 60)
        facts = container.inspect()
        self.assertEqual(facts["Config"]["User"], "65532:65532")
        self.assertTrue(facts["HostConfig"]["ReadonlyRootfs"])
        self.assertEqual(facts["HostConfig"]["CapDrop"], ["ALL"])
        victim = self.engine.service("neighbour", "web", restart="no")
        self.addCleanup(victim.remove)
        victim.crash()
        eventually("the crash is told", lambda: receiver.alerts(measure=names.DEATH, target="neighbour/web/1"))
        self.assertEqual(self.compose("stop", "--timeout", "10").returncode, 0)
        self.assertEqual(container.inspect()["State"]["ExitCode"], 0, "a stop is clean")

    def test_without_the_group_compose_says_what_to_do(self):
        """S34 the missing variable names the command that finds it."""
        up = self.compose("config")
        self.assertNotEqual(up.returncode, 0)
        self.assertIn("stat -c %g /var/run/docker.sock", up.stderr)


class ImageTests(unittest.TestCase):
    def test_the_image_has_no_shell_and_says_how_it_is_run(self):
        """S38 numeric user, HEALTHCHECK, STOPSIGNAL, and nothing but what the binary opens."""
        engine = shared.engine_with_custos()
        facts = engine.call("GET", f"/images/{engines.CUSTOS}/json")["Config"]
        self.assertEqual((facts["User"], facts["StopSignal"]), ("65532:65532", "SIGTERM"))
        self.assertEqual(facts["Healthcheck"]["Test"], ["CMD", "/custos", "health"])
        self.assertEqual((facts["Entrypoint"], facts["Cmd"]), (["/custos"], ["run"]))
        shell = engine.run(["-c", "true"], image=engines.CUSTOS, start=False, config={"Entrypoint": ["/bin/sh"]})
        self.addCleanup(shell.remove)
        with self.assertRaises(engines.EngineError):
            shell.start()


if __name__ == "__main__":
    unittest.main()
