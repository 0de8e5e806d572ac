"""The compose file, brought up by a real compose client against a real engine, and the image behind it."""

import unittest

from harness import engine as engines
from harness import names, shared
from harness.compose import Composition
from harness.receiver import Receiver
from harness.waiting import eventually


class ComposeTests(unittest.TestCase):
    def setUp(self):
        self.engine = shared.server()
        self.compose = Composition(self.engine, "beside", "compose.yaml", CUSTOS_NODE="composed")

    def test_the_sidecar(self):
        """S34 S38 two variables, one command: it starts, is healthy, writes its volume, and tells the webhook."""
        receiver = Receiver("0.0.0.0")
        self.addCleanup(receiver.close)
        # Any address of this machine reaches the receiver from the network that compose makes.
        self.compose.environment["CUSTOS_WEBHOOK__URL"] = f"http://{self.engine.gateway}:{receiver.port}/hook"
        self.addCleanup(self.compose.down)
        self.compose.up()
        eventually(lambda: f"the webhook is told\n{self.compose.logs()[-3000:]}",
                   lambda: [e for e in receiver.events if e["reason"] == "started"], 30)
        self.assertEqual({e["node"] for e in receiver.events}, {"composed"})
        container = self.compose.container("custos")
        container.until_health("healthy", 60)
        self.hardened(container)
        victim = self.engine.service("neighbour", "web", restart="no")
        self.addCleanup(victim.remove)
        victim.crash()
        eventually("the crash is told", lambda: receiver.alerts(measure=names.DEATH, target="neighbour/web/1"))
        self.assertEqual(self.compose.run("stop", "--timeout", "10").returncode, 0)
        self.assertEqual(container.inspect()["State"]["ExitCode"], 0, "a stop is clean")

    def test_the_node_is_named_by_the_mounted_root(self):
        """S4 without a given name, the machine's own is read below the mounted root."""
        del self.compose.environment["CUSTOS_NODE"]
        self.addCleanup(self.compose.down)
        self.compose.up()
        with open("/etc/hostname") as file:
            name = file.read().strip()
        eventually(lambda: f"{name} is watched\n{self.compose.logs()[-3000:]}",
                   lambda: f"watches {name}:" in self.compose.logs(), 30)

    def hardened(self, container):
        facts = container.inspect()
        self.assertEqual(facts["Config"]["User"], "65532:65532")
        host = facts["HostConfig"]
        self.assertEqual((host["ReadonlyRootfs"], host["CapDrop"], host["SecurityOpt"]),
                         (True, ["ALL"], ["no-new-privileges:true"]))
        self.assertEqual((host["Memory"], host["MemorySwap"], host["PidsLimit"]), (64 << 20, 64 << 20, 64))
        self.assertEqual((host["Privileged"], host["PidMode"], host["PortBindings"]), (False, "", {}))
        self.assertNotEqual(host["NetworkMode"], "host")
        mounts = {m["Destination"]: m for m in facts["Mounts"]}
        self.assertEqual(sorted(mounts), ["/host/proc", "/host/root", "/host/sys", "/var/lib/custos",
                                          "/var/run/docker.sock"])
        self.assertEqual({place for place, m in mounts.items() if m["RW"]}, {"/var/lib/custos"})
        self.assertEqual((mounts["/host/root"]["Propagation"], mounts["/var/lib/custos"]["Name"]),
                         ("rslave", "beside_state"))

    def test_exported_variables_arrive(self):
        """What the files and the guide say may be exported reaches Custos; what is not exported is not set."""
        exported = {"CUSTOS_WEBHOOK__URL": "https://example.org/hook", "CUSTOS_WEBHOOK__FORMAT": "slack",
                    "CUSTOS_WEBHOOK__SECRET": "s3cret", "CUSTOS_HEARTBEAT__URL": "https://example.org/ping"}
        for file in ("compose.yaml", "compose.proxy.yaml"):
            compose = Composition(self.engine, "beside", file)
            bare = compose.run("config").stdout
            compose.environment |= exported
            told = compose.run("config").stdout
            for name, value in exported.items():
                self.assertIn(f"{name}: {value}\n", told, file)
                self.assertNotIn(value, bare, file)

    def test_without_the_group_compose_says_what_to_do(self):
        """S34 the missing variable names the command that finds it."""
        for file in ("compose.yaml", "compose.proxy.yaml", "compose.demo.yaml"):
            compose = Composition(self.engine, "beside", file)
            del compose.environment["DOCKER_GID"]
            done = compose.run("config")
            self.assertNotEqual(done.returncode, 0, file)
            self.assertIn("stat -c %g /var/run/docker.sock", done.stderr, file)


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
