"""Everything from outside may be wrong: a clear word once, the rest keeps working, nothing lost."""

import fcntl
import json
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest
import urllib.request

from harness import custos as program
from harness import names, receiver
from harness.custos import Custos
from harness.engine_stub import EngineStub
from harness.waiting import eventually


class Case(unittest.TestCase):
    def setUp(self):
        self.hook = receiver.Receiver()
        self.addCleanup(self.hook.close)

    def custos(self, **environment):
        custos = Custos({**names.QUICK, names.WEBHOOK: self.hook.url, **environment})
        self.addCleanup(custos.close)
        return custos

    def stub(self, mode="normal", **options):
        stub = EngineStub(**options)
        self.addCleanup(stub.close)
        stub.mode = mode
        return stub

    def heard(self, timeout=20, **fields):
        return eventually(lambda: f"{fields}; heard {[(e['reason'], e['measure']) for e in self.hook.events]}",
                          lambda: receiver.matching(self.hook.events, **fields), timeout)[0]


class EngineTests(Case):
    def watching(self, stub):
        custos = self.custos(**names.ONLY_DOCKER, **{names.DOCKER_HOST: "unix://" + stub.socket})
        return custos.started()

    def mends(self, stub, custos):
        """Once the engine answers properly, containers are watched as if nothing had been."""
        def connected():
            return custos.output.log.count("engine connected")
        before = connected()
        stub.mode = "normal"
        stub.cut()
        if "shop-web-1" not in stub.containers:
            stub.service("shop", "web")
        # The line may be of the connection that was cut: there must be a stream since.
        eventually("the engine is watched again", lambda: connected() > before and stub.listeners, 30)
        stub.die("shop-web-1")
        self.heard(measure=names.DEATH, reason="fired")
        self.assertIsNone(custos.process.poll())

    def faulty(self, mode, measure=names.REACHABLE, severity="critical"):
        stub = self.stub(mode)
        custos = self.watching(stub)
        self.assertEqual(self.heard(timeout=40, measure=measure, status="firing")["severity"], severity)
        self.mends(stub, custos)
        self.heard(timeout=40, measure=measure, status="resolved")
        troubles = [e["measure"] for e in self.hook.alerts(reason="fired") if e["measure"] != names.DEATH]
        self.assertEqual(troubles, [measure], "one trouble, one alert")
        lines = custos.output.log.splitlines()
        complaints = [line for line in lines if "level=error" in line or "level=warning" in line]
        self.assertLess(len(complaints), 10, custos.output.log)

    def test_the_socket_is_absent(self):
        """S35 no engine is one line, never a crash loop; it is found when it comes."""
        stub = self.stub()
        stub.down()
        custos = self.watching(stub)
        stub.up()
        self.mends(stub, custos)

    def test_the_engine_hangs(self):
        self.faulty("hang")

    def test_the_engine_answers_html(self):
        self.faulty("html")

    def test_a_proxy_answers_403(self):
        """The engine is there and a proxy refuses: the check cannot look, which is its own alert, and it ends."""
        self.faulty("forbidden", names.CHECK_HEALTH, "warning")

    def test_the_socket_goes_and_comes_back(self):
        """S26 an engine that was there and whose socket is gone is an outage, not a missing mount."""
        stub = self.stub()
        custos = self.watching(stub)
        stub.down()
        self.assertEqual(self.heard(measure=names.REACHABLE, status="firing")["severity"], "critical")
        stub.up()
        self.heard(measure=names.REACHABLE, status="resolved")
        self.mends(stub, custos)

    def test_the_engine_closes_in_the_middle_of_json(self):
        self.faulty("halfway")

    def test_the_socket_is_not_readable(self):
        """S34 on EACCES Custos prints exactly the line that mends it."""
        stub = self.stub()
        os.chmod(stub.socket, 0o600)
        folder = tempfile.mkdtemp(prefix="custos-user-")
        self.addCleanup(shutil.rmtree, folder)
        os.chown(folder, program.NOBODY, program.NOBODY)
        environment = {"PATH": os.environ["PATH"], names.DOCKER_HOST: "unix://" + stub.socket, names.STATUS: "off",
                       names.JOURNAL: f"{folder}/j.db", names.CONTROL: f"{folder}/c.sock"}
        binary = shutil.copy(program.binary(), folder)
        finished = subprocess.run(
            ["setpriv", "--reuid", str(program.NOBODY), "--regid", str(program.NOBODY), "--clear-groups", "--",
             binary, "check", "--output", "json"],
            env=environment, capture_output=True, text=True, timeout=60, check=False)
        self.assertIn(finished.returncode, (0, 1, 2, 3), finished.stderr)
        self.assertIn('group_add: ["${DOCKER_GID:?stat -c %g /var/run/docker.sock}"]',
                      finished.stderr + json.dumps(json.loads(finished.stdout), ensure_ascii=False).replace('\\"', '"'))

    def test_old_and_new_api_versions(self):
        for version in ("1.24", "1.41", "1.99"):
            with self.subTest(version):
                stub = self.stub(version=version)
                stub.service("shop", f"v{version.replace('.', '')}")
                custos = self.watching(stub)
                name = next(iter(stub.containers))
                stub.die(name)
                self.heard(measure=names.DEATH, target=name.replace("-", "/"), reason="fired")
                custos.close()

    def test_hostile_names_and_labels(self):
        """Quotes, newlines, terminal escapes and 4 KiB values go through as text, bounded, one event per line."""
        stub = self.stub()
        nasty = "x\"\n\x1b[31m\u202e'\\" + "y" * 4096
        compose = "com.docker.compose."
        stub.add("hostile", {compose + "project": nasty, compose + "service": nasty, "k" * 4096: nasty})
        custos = self.watching(stub)
        stub.die("hostile")
        event = custos.output.until(measure=names.DEATH, reason="fired")
        self.assertEqual(custos.output.stray, [])
        self.assertLess(len(json.dumps(event)), 16384)
        self.assertNotIn("\x1b", json.dumps(event, ensure_ascii=False))
        self.assertNotIn("\n", event["target"] + event["summary"])

    def test_nonsense_on_the_event_stream(self):
        stub = self.stub()
        stub.service("shop", "web")
        custos = self.watching(stub)
        eventually("the stream is open", lambda: stub.listeners)
        stub.tell_raw(b"not json\n{\"Type\":\"container\"}\n{\"Action\":5}\n" + b"[" * 10_000 + b"\n")
        self.mends(stub, custos)

    def test_five_hundred_containers(self):
        stub = self.stub()
        for number in range(500):
            stub.service("many", f"s{number}", told=False)
        custos = self.watching(stub)
        stub.die("many-s499-1")
        self.heard(measure=names.DEATH, target="many/s499/1", reason="fired")
        self.assertIsNone(custos.process.poll())


class JournalTests(Case):
    def works(self, custos):
        stub = self.stub()
        stub.service("shop", "web")
        custos.environment[names.DOCKER_HOST] = "unix://" + stub.socket
        custos.started()
        stub.die("shop-web-1")
        self.heard(measure=names.DEATH, reason="fired")
        return stub

    def test_a_corrupt_journal_is_put_aside(self):
        """S17 corrupt: renamed aside, a fresh one, and an event that says so."""
        custos = self.custos()
        with open(custos.journal, "wb") as file:
            file.write(b"SQLite format 3\0" + os.urandom(8192))
        self.works(custos)
        self.heard(kind="lifecycle", reason="journal_trouble")
        aside = [name for name in os.listdir(custos.folder) if name.startswith("journal.db") and "corrupt" in name]
        self.assertTrue(aside, os.listdir(custos.folder))

    def test_a_newer_journal_is_left_alone(self):
        """S17 newer: memory mode and an event; the file stays as it is."""
        custos = self.custos()
        custos.started()
        custos.stop()
        with sqlite3.connect(custos.journal) as database:
            database.execute("PRAGMA user_version = 9999")
        database.close()
        self.works(custos)
        self.heard(kind="lifecycle", reason="journal_trouble")

    def test_a_locked_journal_is_no_reason_to_end(self):
        """S17 locked: memory mode and an event."""
        first = self.custos()
        first.started()
        second = self.custos(**{names.JOURNAL: first.journal})
        self.works(second)
        self.heard(kind="lifecycle", reason="journal_trouble")

    def test_a_full_disk_loses_nothing(self):
        """S17 full: decided in memory, told with durable false, written in order when there is room again."""
        custos = self.custos()
        mount = os.path.join(custos.folder, "small")
        os.mkdir(mount)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", mount], check=False)
        custos.environment[names.JOURNAL] = custos.journal = os.path.join(mount, "journal.db")
        stub = self.works(custos)
        filler = os.path.join(mount, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass
        for number in range(40):
            stub.service("full", f"s{number}")
            stub.die(f"full-s{number}-1")
        for number in (0, 39):
            self.heard(measure=names.DEATH, target=f"full/s{number}/1", reason="fired", timeout=30)
        self.assertTrue([e for e in self.hook.events if e.get("durable") is False], "some were told from memory")
        os.unlink(filler)
        stub.die(stub.service("full", "last").name)
        self.heard(measure=names.DEATH, target="full/last/1", reason="fired", timeout=30)
        eventually("the journal holds what was told from memory",
                   lambda: {e["id"] for e in self.hook.alerts()} <= {e["id"] for e in custos.decided()}, 40, every=0.2)

    def test_a_journal_in_memory(self):
        """S18 memory: a new stream at each start, and `started` says that the state is lost."""
        custos = self.custos(**{names.JOURNAL: "memory"})
        started = custos.started().output.until(reason="started")
        custos.stop()
        custos.start()
        again = eventually("a second start", lambda: receiver.matching(custos.output.events, reason="started")[1:])[0]
        self.assertNotEqual(started["stream"], again["stream"])
        self.assertIn("lost", json.dumps(again["annotations"]))


class ConfigurationTests(Case):
    def file(self, text):
        folder = tempfile.mkdtemp(prefix="custos-config-")
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, "custos.yaml")
        with open(path, "w") as file:
            file.write(text)
        return path

    def test_all_problems_at_once_and_exit_78(self):
        """S32 a file with any problem: all of them with their places, and exit 78."""
        path = self.file("disk_x:\n  every: 5s\nneigh:\n  warnning: 80%\nsockstat:\n  every: soon\n")
        for command in (["config", "check"], ["run"]):
            finished = program.once(*command, environment={names.CONFIG: path, names.JOURNAL: "memory"})
            text = finished.stdout + finished.stderr
            self.assertEqual(finished.returncode, names.CONFIGURATION, text)
            for part in ("disk_x", "warnning", "warning", "soon", "custos.yaml:4", "custos.yaml:6"):
                self.assertIn(part, text, command)

    def test_broken_files(self):
        bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9))
        for name, text in {
            "tab": "neigh:\n\tevery: 5s\n", "duplicate": "node: a\nnode: b\n", "aliases": bomb,
            "open": "neigh: {every: 5s\n", "binary": "\0\1\2", "huge": "# " + "x" * 50_000_000 + "\n",
        }.items():
            with self.subTest(name):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                finished = program.once("config", "check", environment={names.CONFIG: self.file(text)})
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                self.assertEqual(finished.returncode, names.CONFIGURATION, finished.stderr[:500])
                self.assertTrue((finished.stdout + finished.stderr).strip())
                self.assertLess(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 5)

    def test_a_file_that_is_named_and_missing(self):
        """S32 a file that cannot be read is an error for `run`."""
        finished = program.once("run", environment={names.CONFIG: "/nowhere/custos.yaml", names.JOURNAL: "memory"})
        self.assertEqual(finished.returncode, names.CONFIGURATION)
        self.assertIn("/nowhere/custos.yaml", finished.stderr)

    def test_a_typo_in_the_environment_stops_nothing(self):
        """S32 an unknown or bad key of the environment: a line, an event, and Custos runs on with the default."""
        links = {"CUSTOS_PORT": "tcp://10.0.0.1:9797", "CUSTOS_SERVICE_HOST": "10.0.0.1",
                 "CUSTOS_PORT_9797_TCP": "tcp://10.0.0.1:9797"}
        custos = self.custos(CUSTOS_NEIGH__WARNNING="80", CUSTOS_SOCKSTAT__EVERY="soon", **links)
        custos.started()
        event = self.heard(kind="lifecycle", reason="configuration_problem")
        self.assertIn("CUSTOS_NEIGH__WARNNING", str(self.hook.events) + str(event))
        self.assertIn("CUSTOS_NEIGH__WARNNING", custos.output.log)
        self.assertNotIn("CUSTOS_PORT", custos.output.log, "Kubernetes' service links are not ours")

    def test_a_secret_file_that_is_missing(self):
        custos = self.custos(CUSTOS_WEBHOOK__SECRET_FILE="/nowhere/secret")
        custos.start()
        eventually("it says which", lambda: "/nowhere/secret" in custos.output.log)

    def test_reload_good_and_bad(self):
        """S32 on reload the old configuration stays when the new one is bad; a good one is taken."""
        path = self.file("node: before\n")
        custos = Custos({**names.QUICK, names.WEBHOOK: self.hook.url, names.CONFIG: path})
        self.addCleanup(custos.close)
        custos.environment.pop(names.NODE)
        custos.started()
        self.assertEqual(self.heard(reason="started")["node"], "before")
        with open(path, "w") as file:
            file.write("node: [\n")
        custos.reload()
        self.assertEqual(self.heard(reason="reload_refused")["node"], "before")
        with open(path, "w") as file:
            file.write("node: after\n")
        custos.reload()
        self.heard(reason="reloaded")
        self.assertIsNone(custos.process.poll())


class CommandTests(Case):
    def test_health(self):
        """S38 S33 health is 0 while sweeps progress and not 0 when nothing answers."""
        custos = self.custos()
        self.assertNotEqual(custos.command("health").returncode, 0)
        custos.started()
        answer = custos.command("health")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        custos.kill()
        self.assertNotEqual(custos.command("health").returncode, 0)

    def test_usage_errors_are_never_findings(self):
        self.assertEqual(program.once("--no-such-option").returncode, names.USAGE)
        self.assertEqual(program.once("nonsense").returncode, names.USAGE)

    def test_the_status_server(self):
        """S36 `/livez`, `/readyz`, `/healthz` and `/metrics`."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        custos = self.custos(**{names.STATUS: f"127.0.0.1:{port}"})
        custos.started()
        for path in ("livez", "readyz", "healthz", "metrics"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
                self.assertEqual(answer.status, 200)
                text = answer.read().decode()
        self.assertIn("custos_build_info", text)

    def test_a_stop_is_told_and_clean(self):
        """S10 a clean end is told, and the next start knows it."""
        custos = self.custos()
        custos.started()
        self.assertEqual(custos.stop(), 0)
        self.heard(kind="lifecycle", reason="stopping")
        custos.start()
        eventually("a second start", lambda: len(receiver.matching(self.hook.events, reason="started")) == 2, 20)
        self.assertEqual(receiver.matching(self.hook.events, reason="unclean_start"), [])

    def test_a_stop_during_the_start(self):
        """S10 process 1 hears only the signals it asked for: SIGTERM while the journal is waited for ends it well."""
        custos = self.custos()
        with open(custos.journal + ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            custos.start()
            eventually("the journal's file", lambda: os.path.exists(custos.journal), 20)
            self.assertEqual(custos.stop(), 0)
        self.heard(kind="lifecycle", reason="stopping")


if __name__ == "__main__":
    unittest.main()
