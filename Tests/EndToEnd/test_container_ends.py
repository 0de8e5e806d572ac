"""How containers end in a real engine, under every restart policy, and what the certificate says of it."""

import glob
import os
import tempfile
import unittest

from harness import images, names, shared
from harness.compose import Composition
from harness.custos import Custos
from harness.engine import BUSYBOX, Engine
from harness.ledger import LOGS
from harness.receiver import Receiver
from harness.scenario import Scenario
from harness.waiting import eventually

OTHER = "custos-e2e/busybox:2"
UNTIL_TOLD = "until test -e /die; do sleep 0.05; done; exit $(cat /die)"
"""A program that ends with the exit code in the file `/die`, as soon as it is there."""


def end(container, code):
    container.run_inside("sh", "-c", f"echo {code} >/die.new; mv /die.new /die")


class EndTests(Scenario):
    def fresh(self, target, count, **fields):
        """The `count`th event about a target with these fields."""
        return eventually(lambda: f"{count} of {fields}; told: {self.story(target)}",
                          lambda: self.receiver.alerts(target=target, **fields)[count - 1:count])[0]

    def test_the_whole_certificate(self):
        """S23 exit code, signal, span, policy, count, image, health: all of it in one event."""
        web = self.service("web", restart="always", command=["sh", "-c", UNTIL_TOLD],
                           health="echo cannot reach postgres://app:geheim@db/shop; echo line two; exit 1")
        target = self.target("web")
        self.told(target, measure=names.HEALTH, reason="fired")
        end(web, 139)
        death = self.told(target, measure=names.DEATH, reason="fired")
        notes = death["annotations"]
        self.assertEqual(
            {key: notes.get(key) for key in ("exit_code", "signal", "oom", "requested", "restart_policy", "image",
                                             "image_changed", "exit_meaning", "restart_count", "container_id")},
            {"exit_code": "139", "signal": "SIGSEGV", "oom": "false", "requested": "false", "restart_policy": "always",
             "image": BUSYBOX, "image_changed": "false", "exit_meaning": "killed by SIGSEGV", "restart_count": "1",
             "container_id": web.id[:12]})
        self.assertEqual(notes["last_health_output"], "cannot reach postgres://app:<redacted>@db/shop\nline two")
        self.assertGreaterEqual(int(notes["failing_streak"]), 1)
        self.assertEqual(len(notes["image_id"]), 12)
        self.assertEqual((death["labels"]["compose_project"], death["labels"]["compose_service"]),
                         (target.split("/")[0], "web"))
        self.assertTrue(notes["ran_for"].endswith("s"))
        web.remove()
        self.accounted.add(target)

    def test_no_secret_of_a_health_check_is_told_or_kept(self):
        """What looks like a secret is in no event, on no stream and in no file of the journal."""
        outputs = []
        # An engine that does not answer in time leaves the output out.
        while not any(outputs) and len(outputs) < 5:
            service = f"web{len(outputs)}"
            web = self.service(service, health="echo token=sehrgeheim Authorization: Bearer auchgeheim1; exit 1")
            target = self.target(service)
            ill = self.told(target, measure=names.HEALTH, reason="fired")
            outputs.append(ill["annotations"].get("last_probe_output"))
            web.remove()
            self.told(target, measure=names.HEALTH, status="resolved")
            self.accounted.add(target)
        self.assertIn("token=<redacted>", str(outputs))
        for word in ("sehrgeheim", "auchgeheim1"):
            self.assertNotIn(word, str(self.receiver.requests))
            self.assertNotIn(word, str(self.custos.output.events) + self.custos.output.log)
            for path in glob.glob(self.custos.journal + "*"):
                with open(path, "rb") as file:
                    self.assertNotIn(word.encode(), file.read(), path)

    def test_a_crash_under_each_policy(self):
        """S23 who is started again dies with a warning, who is not with an alarm."""
        severities = {"no": "critical", "always": "warning", "unless-stopped": "warning", "on-failure": "warning"}
        services = {policy: self.service(policy, restart=policy) for policy in severities}
        # By then their policies are known.
        self.settle()
        for policy, severity in severities.items():
            with self.subTest(policy):
                web, target = services[policy], self.target(policy)
                web.crash()
                death = self.told(target, measure=names.DEATH, reason="fired")
                self.assertEqual((death["severity"], death["annotations"]["restart_policy"]), (severity, policy))
                self.assertEqual(death["annotations"]["signal"], "SIGKILL")
                web.remove()
                self.accounted.add(target)

    def test_requests_under_each_policy(self):
        """S20 stop, kill and restart raise nothing, whatever the policy."""
        targets = []
        for policy in ("no", "always", "unless-stopped", "on-failure"):
            web = self.service(policy, restart=policy)
            targets.append(self.target(policy))
            web.restart()
            web.kill()
            web.until("exited")
            web.start()
            web.stop()
        for target in targets:
            self.nothing(target)

    def test_an_engine_that_gives_up(self):
        """S23 on-failure with a limit: the last death is an alarm, and so is that nothing runs."""
        self.service("web", restart="on-failure", retries=2, command=["sh", "-c", "sleep 1; exit 3"])
        target = self.target("web")
        down = self.told(target, measure=names.RUNNING, reason="fired", timeout=30)
        self.assertEqual((down["severity"], down["state"]), ("critical", "crashed"))
        notes = self.told(target, measure=names.DEATH, severity="critical")["annotations"]
        self.assertEqual((notes["restart_policy"], notes["restart_count"], notes["exit_code"]),
                         ("on-failure:2", "2", "3"))
        self.accounted.add(target)


class LastLinesTests(Scenario):
    settings = {names.LOGS: "3"}
    lists = (LOGS,)

    def lines(self, container, target, code=1):
        """The lines in the event of a death."""
        end(container, code)
        death = self.told(target, measure=names.DEATH, reason="fired")
        container.remove()
        self.accounted.add(target)
        return death["annotations"]

    def writing(self, service, script, **options):
        return self.service(service, command=["sh", "-c", f"{script}; {UNTIL_TOLD}"], **options)

    def test_both_streams(self):
        """The last lines of stdout and stderr, without colours, with secrets blotted out."""
        # The engine copies each stream by itself: what is written at once to both comes in either order.
        script = r"echo one; echo two; sleep 1; printf '\033[31mred\033[0m\n' >&2; echo DB_PASSWORD=geheim"
        notes = self.lines(self.writing("web", script), self.target("web"))
        self.assertEqual(sorted(notes["last_log_lines"].split("\n")), ["DB_PASSWORD=<redacted>", "red", "two"])
        self.assertNotIn("geheim", str(self.receiver.requests) + str(self.custos.output.events))

    def test_a_terminal(self):
        """With a terminal the stream has no frames."""
        notes = self.lines(self.writing("web", "echo one; echo two", tty=True), self.target("web"))
        self.assertEqual(notes["last_log_lines"], "one\ntwo")

    def test_a_container_that_wrote_nothing(self):
        notes = self.lines(self.service("web", command=["sh", "-c", UNTIL_TOLD]), self.target("web"))
        self.assertEqual(notes["last_log_lines"], "")

    def test_a_log_that_cannot_be_read(self):
        """A driver that cannot be read costs the death nothing but its lines."""
        web = self.writing("web", "echo one", host={"LogConfig": {"Type": "none"}})
        notes = self.lines(web, self.target("web"), 7)
        self.assertEqual(notes["exit_code"], "7")
        self.assertIn("does not support reading", notes["log_missing"])

    def test_lines_of_the_run_that_ended(self):
        """Of a container that is started again only what the run that ended wrote."""
        script = "n=$(cat /n 2>/dev/null || echo 0); n=$((n+1)); echo $n >/n; echo run $n; sleep 2; exit 1"
        loop, target = self.service("loop", restart="always", command=["sh", "-c", script]), self.target("loop")

        def shown():
            deaths = self.receiver.alerts(target=target, measure=names.DEATH, status="firing")
            return [death["annotations"].get("last_log_lines") for death in deaths]
        eventually("three deaths, one with its lines", lambda: len(shown()) >= 3 and any(shown()), 90)
        loop.remove()
        # A start that came before the answer leaves the lines out, but never shows another run's.
        for number, text in enumerate(shown(), 1):
            self.assertIn(text, (f"run {number}", None))
        self.accounted.add(target)

    def test_a_label_lowers_it(self):
        """A label on the container takes its lines out."""
        web = self.writing("web", "echo geheimnis", labels={"custos.docker.logs": "0"})
        notes = self.lines(web, self.target("web"))
        self.assertNotIn("last_log_lines", notes)
        self.assertNotIn("log_missing", notes)


class ComposeTests(Scenario):
    def write(self, image, command):
        path = os.path.join(self.folder.name, "compose.yaml")
        with open(path, "w") as file:
            file.write(f"""services:
  web:
    image: {image}
    command: ["sh", "-c", "{command}"]
    restart: unless-stopped
    network_mode: none
    stop_grace_period: 1s
""")
        return path

    def test_recreation_and_what_follows(self):
        """S20 S24 compose re-creates with another image: no news; the crash after it says that the image is another."""
        self.engine.import_image(OTHER, images.busybox(), ["ENV PATH=/bin", "ENV VERSION=2"])
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        compose = Composition(self.engine, "recreated", self.write(BUSYBOX, "sleep 1000"))
        self.addCleanup(compose.down)
        compose.up()
        first = compose.container("web")
        self.settle()
        self.write(OTHER, UNTIL_TOLD.replace("$(", "$$("))
        compose.up()
        second = compose.container("web")
        self.assertNotEqual(first.id, second.id)
        target = eventually("its name", lambda: second.name).replace("_", "-").replace("-web-", "/web/")
        self.nothing(target)
        self.accounted.discard(target)
        end(second, 5)
        notes = self.told(target, measure=names.DEATH, reason="fired")["annotations"]
        self.assertEqual((notes["exit_code"], notes["image"], notes["image_changed"]), ("5", OTHER, "true"))
        old = self.engine.call("GET", f"/images/{BUSYBOX}/json")["Id"].removeprefix("sha256:")[:12]
        self.assertEqual(notes["former_image"], f"{BUSYBOX} ({old})")
        compose.down()
        self.accounted.add(target)


class EngineStopTests(unittest.TestCase):
    def test_an_engine_that_ends_its_containers(self):
        """S26 without live-restore the engine stops its containers and starts them again: not one death is told."""
        engine = Engine().start().with_busybox()
        self.addCleanup(engine.close)
        hook = Receiver()
        self.addCleanup(hook.close)
        custos = Custos({**names.QUICK, names.DOCKER_HOST: "unix://" + engine.socket, names.WEBHOOK: hook.url})
        self.addCleanup(custos.close)
        services = {policy: engine.service("stop", policy, restart=policy)
                    for policy in ("no", "always", "unless-stopped", "on-failure")}
        custos.started()
        engine.stop()
        eventually("the outage is told", lambda: hook.alerts(measure=names.REACHABLE, status="firing"), 30)
        engine.start()
        eventually("its end", lambda: hook.alerts(measure=names.REACHABLE, status="resolved"), 30)
        services["always"].until("running")
        marker = engine.service("stop", "marker", restart="no")
        marker.crash()
        eventually("a death after it", lambda: hook.alerts(measure=names.DEATH, target="stop/marker/1"), 30)
        told = [(e["measure"], e["target"], e["reason"]) for e in hook.alerts()
                if e["check_kind"] == "docker" and e["target"] != "stop/marker/1"]
        self.assertEqual(told, [(names.REACHABLE, "engine", "fired"), (names.REACHABLE, "engine", "resolved")])


if __name__ == "__main__":
    unittest.main()
