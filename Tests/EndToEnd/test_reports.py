"""`custos check` for timers and cron jobs: report files, their retention, and errors that are no findings."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from harness import names
from harness.custos import Custos, binary, once
from harness.engine_stub import EngineStub
from harness.waiting import eventually

NAME = re.compile(r"^custos-report-\d{8}T\d{6}\.\d{3}Z-edge-7\.(json|txt)$")


class ReportCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="custos-reports-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.reports = os.path.join(self.folder, "reports")
        self.environment = {names.NODE: "edge-7", names.JOURNAL: "memory"}

    def check(self, *arguments, **environment):
        return once("check", "--kind", "filefd", *arguments, environment={**self.environment, **environment})

    def kept(self, ending=""):
        return sorted(name for name in os.listdir(self.reports) if name.endswith(ending))

    def mounted(self, options):
        """A small file system of its own."""
        os.mkdir(self.reports)
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.reports], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.reports], check=False)


class ReportFileTests(ReportCase):
    def test_a_report_is_kept_as_text_and_json(self):
        done = self.check("--output", "json", "--report-dir", self.reports)
        self.assertIn(done.returncode, (0, 1, 2, 3), done.stderr)
        names_kept = self.kept()
        self.assertEqual(len(names_kept), 2, names_kept)
        for name in names_kept:
            self.assertRegex(name, NAME)
            self.assertEqual(os.stat(os.path.join(self.reports, name)).st_mode & 0o7777, 0o640)
        with open(os.path.join(self.reports, names_kept[0])) as file:
            report = json.load(file)
        self.assertEqual(report, json.loads(done.stdout))
        self.assertEqual(report["schema"], "custos.report/1")
        self.assertIn(report["overall"]["triage"]["class"], ("low", "medium", "high", "critical"))
        with open(os.path.join(self.reports, names_kept[1])) as file:
            self.assertTrue(file.read().startswith("edge-7  "))

    def test_the_newest_stay(self):
        """By the settings or the options, whichever is stronger; what is not ours stays as well."""
        os.mkdir(self.reports)
        for name in ("notes.txt", "custos-report-20200101T000000.000Z-other.json"):
            open(os.path.join(self.reports, name), "w").close()
        for _ in range(3):
            self.check(CUSTOS_REPORT__FOLDER=self.reports, CUSTOS_REPORT__KEEP="2")
        self.assertEqual(len([name for name in self.kept() if NAME.match(name)]), 4)
        newest = self.kept("Z-edge-7.json")[-1]
        self.check("--keep", "1", CUSTOS_REPORT__FOLDER=self.reports, CUSTOS_REPORT__KEEP="2")
        ours = [name for name in self.kept() if NAME.match(name)]
        self.assertEqual(len(ours), 2)
        self.assertGreater(ours[0], newest)
        self.assertIn("notes.txt", self.kept())
        self.assertIn("custos-report-20200101T000000.000Z-other.json", self.kept())

    def test_runs_at_once(self):
        """No run is lost, none is half there, and each ends with the findings' exit code."""
        plain = self.check()
        runs = [subprocess.Popen([binary(), "check", "--kind", "filefd", "--report-dir", self.reports, "--keep", "4"],
                                 env={"PATH": os.environ["PATH"], **self.environment},
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(8)]
        for run in runs:
            _, complaint = run.communicate(timeout=60)
            self.assertEqual((run.returncode, complaint), (plain.returncode, ""))
        stems = {name.rsplit(".", 1)[0] for name in self.kept()}
        self.assertEqual(len(self.kept()), 2 * len(stems))
        self.assertGreaterEqual(len(stems), 4)
        self.check("--report-dir", self.reports, "--keep", "4")
        self.assertEqual(len(self.kept()), 8)
        for name in self.kept("json"):
            with open(os.path.join(self.reports, name)) as file:
                json.load(file)


class RefusalTests(ReportCase):
    def refused(self, text):
        done = self.check("--report-dir", self.reports)
        self.assertEqual(done.returncode, names.CANNOT_CREATE, done.stderr)
        self.assertIn(text, done.stderr)
        self.assertIn(self.reports, done.stderr)
        self.assertIn("filefd", done.stdout, "the report itself is still told")

    def test_a_full_disk(self):
        """Nothing is half written, what was there stays, and the next run has room again."""
        self.mounted("size=64k")
        first = self.check("--report-dir", self.reports)
        self.assertIn(first.returncode, (0, 1, 2, 3))
        before = self.kept()
        filler = os.path.join(self.reports, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass
        self.refused("No space left on device; free space there")
        self.assertEqual(self.kept(), sorted([*before, "filler"]))
        os.unlink(filler)
        self.assertEqual(self.check("--report-dir", self.reports).returncode, first.returncode)
        self.assertEqual(len(self.kept()), 4)

    def test_a_folder_that_cannot_be_written(self):
        self.mounted("size=64k,ro")
        self.refused("Read-only file system; make the folder writable for uid 0, or name another")

    def test_a_place_that_is_no_folder(self):
        open(self.reports, "w").close()
        self.refused("Not a directory; name a folder")


class TriageTests(ReportCase):
    def test_streaks_come_from_the_journal(self):
        """S37 the report of `custos check` counts the sweeps of the watchdog beside it, and changes nothing there."""
        stub = EngineStub()
        self.addCleanup(stub.close)
        stub.service("shop", "once", restart="no")
        custos = Custos({**names.QUICK, **names.ONLY_DOCKER, names.DOCKER_HOST: "unix://" + stub.socket,
                         names.DEATH_WINDOW: "60s"})
        self.addCleanup(custos.close)
        custos.started()

        def found():
            done = once("check", "--kind", "docker", "--output", "json", environment=custos.environment)
            report = json.loads(done.stdout)
            findings = [o for c in report["checks"] for o in c["observations"]
                        if o["measure"] == names.RUNNING and o["streak"] >= 5]
            return (findings[0], report) if findings else None
        stub.die("shop-once-1")
        for measure in (names.DEATH, names.RUNNING):
            custos.output.until(measure=measure, reason="fired")
        events = len(custos.output.events)
        finding, report = eventually("a streak of five", found, 30)
        self.assertEqual(finding["judgement"], "critical")
        self.assertEqual(report["overall"]["triage"]["class"], "critical")
        self.assertIn("docker logs --tail 50 shop-once-1", report["suggested_commands"])
        self.assertEqual(len(custos.output.events), events, "looking told nothing")
        stub.start("shop-once-1")
        custos.output.until(measure=names.RUNNING, status="resolved")


if __name__ == "__main__":
    unittest.main()
