"""The command line as a person meets it: the manual as their `man` shows it, exit statuses, what `explain` says."""

import os
import shutil
import subprocess
import tempfile
import unittest

from harness import custos as program
from harness import names
from harness.images import REPOSITORY
from harness.program import binary
from harness.terminal import Terminal


class ManualTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="custos-manual-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.written = program.once("docs", cls.folder)
        cls.page = os.path.join(cls.folder, "custos.1")

    def run_on_page(self, *command):
        return subprocess.run([*command, self.page], capture_output=True, text=True, timeout=60, check=False)

    def test_two_formatters_find_nothing_wrong_with_it(self):
        self.assertEqual((self.written.returncode, self.written.stderr), (0, ""))
        lint = self.run_on_page("mandoc", "-T", "lint", "-W", "style")
        self.assertEqual((lint.returncode, lint.stdout + lint.stderr), (0, ""))
        groff = self.run_on_page("groff", "-mdoc", "-T", "utf8", "-ww", "-z")
        self.assertEqual((groff.returncode, groff.stdout + groff.stderr), (0, ""))

    def test_it_shows_every_command_that_help_lists(self):
        shown = self.run_on_page("mandoc", "-T", "ascii", "-O", "width=200").stdout
        while "\b" in shown:
            shown = "".join(shown[i] for i in range(len(shown))
                            if shown[i] != "\b" and shown[i + 1:i + 2] != "\b")
        listed = program.once("--help").stdout.split("SUBCOMMANDS:")[1].split("\n\n")[0]
        commands = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
        self.assertIn("explain", commands)
        for command in commands:
            self.assertIn(f"custos {command}", shown)
        for heading in ("SYNOPSIS", "ENVIRONMENT", "FILES", "EXIT STATUS", "SIGNALS", "EXAMPLES"):
            self.assertIn(f"\n{heading}\n", shown)
        self.assertIn("CUSTOS_DOCKER__HOST, DOCKER_HOST", shown)


class DocsTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="custos-docs-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def test_a_full_disk_is_told_and_cuts_no_page(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", self.folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.folder], check=True)
        with open(os.path.join(self.folder, "checks.md"), "w") as file:
            file.write("what was there")
        with open(os.path.join(self.folder, "filler"), "wb", buffering=0) as file, self.assertRaises(OSError):
            while True:
                file.write(b"x" * 1024)
        done = program.once("docs", self.folder)
        self.assertEqual((done.returncode, done.stdout), (names.CANNOT_CREATE, ""), done.stderr)
        self.assertIn("checks.md cannot be written: No space left on device", done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), ["checks.md", "filler"])
        with open(os.path.join(self.folder, "checks.md")) as file:
            self.assertEqual(file.read(), "what was there")

    def test_prose_that_is_a_folder(self):
        for name in os.listdir(os.path.join(REPOSITORY, "docs", "checks")):
            os.mkdir(os.path.join(self.folder, name))
        done = program.once("docs", "--prose", self.folder, os.path.join(self.folder, "pages"))
        self.assertEqual(done.returncode, names.USAGE, done.stderr)
        self.assertIn(".md cannot be read: Is a directory", done.stderr)

    def test_a_list_has_no_prose(self):
        done = program.once("docs", "--list", "--prose", self.folder)
        self.assertEqual((done.returncode, done.stdout), (names.USAGE, ""))
        self.assertIn("--prose", done.stderr)


class ProgressTests(unittest.TestCase):
    """A pass takes a while: a person who waits is told how far it is."""
    COMMAND = ["check", "--kind", "filefd", "--kind", "uptime"]
    ENVIRONMENT = {names.NODE: "edge-7", names.JOURNAL: "memory"}

    def test_on_a_terminal_one_line_says_how_far_it_is_and_is_cleared(self):
        terminal = Terminal([binary(), *self.COMMAND], {"PATH": os.environ["PATH"], **self.ENVIRONMENT})
        self.addCleanup(terminal.close)
        first, *steps, report = terminal.rest().split("\r\x1b[K")
        self.assertEqual(first, "")
        self.assertEqual(steps, ["[0/4] filefd …", "[1/4] uptime …", "[2/4] filefd …", "[3/4] uptime …"])
        self.assertTrue(report.startswith("edge-7  "), report)

    def test_elsewhere_it_says_nothing(self):
        done = program.once(*self.COMMAND, environment=self.ENVIRONMENT)
        self.assertEqual(done.stderr, "")
        self.assertTrue(done.stdout.startswith("edge-7  "), done.stdout)
        self.assertNotIn("\x1b", done.stdout)


class ExplainTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="custos-explain-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.file = os.path.join(self.folder, "custos.yaml")

    def explain(self, *arguments, text="", **environment):
        with open(self.file, "w") as file:
            file.write(text)
        return program.once("explain", *arguments, environment={"CUSTOS_CONFIG": self.file, **environment})

    def test_it_says_who_won_and_what_is_shadowed(self):
        said = self.explain("docker.start_limit", "--set", "docker.start_limit=4m",
                            text="docker:\n  start_limit: 2m\n", CUSTOS_DOCKER__START_LIMIT="3m")
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        self.assertEqual(said.stdout.splitlines()[:4], [
            "docker.start_limit = 4m",
            "  from      --set docker.start_limit",
            "  over      3m from CUSTOS_DOCKER__START_LIMIT",
            f"  over      2m from {self.file}:2:3",
        ])

    def test_an_unknown_key_is_64_with_the_nearest_one(self):
        said = self.explain("docker.strat_limit")
        self.assertEqual((said.returncode, said.stdout), (names.USAGE, ""))
        self.assertIn("`docker.start_limit`", said.stderr)

    def test_a_file_with_mistakes_is_explained_as_far_as_it_goes(self):
        said = self.explain("docker.start_limit", text="docker: {start_limit: soon}\nno: thing\n")
        self.assertEqual(said.returncode, 0)
        self.assertIn("custos config check", said.stderr)
        self.assertIn(f"problem   {self.file}:1:10: docker.start_limit: expected a duration", said.stdout)

    def test_a_secret_from_a_file_is_never_shown(self):
        secret = os.path.join(self.folder, "secret")
        with open(secret, "w") as file:
            file.write("hunter2\n")
        for form in ("text", "json"):
            said = self.explain("webhook.ops.secret", "--output", form, CUSTOS_WEBHOOK__OPS__SECRET_FILE=secret,
                                CUSTOS_WEBHOOK__OPS__URL="http://127.0.0.1:9/")
            self.assertEqual(said.returncode, 0)
            self.assertIn("CUSTOS_WEBHOOK__OPS__SECRET_FILE", said.stdout)
            self.assertNotIn("hunter2", said.stdout + said.stderr)


class ExitStatusTests(unittest.TestCase):
    def test_a_command_that_finds_no_watchdog_says_so_with_69(self):
        folder = tempfile.mkdtemp(prefix="custos-nobody-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        environment = {names.CONTROL: f"{folder}/control.sock", names.JOURNAL: f"{folder}/journal.db"}
        for command in (["alerts"], ["events"], ["silence", "list"], ["sinks", "test"]):
            with self.subTest(command):
                asked = program.once(*command, environment=environment)
                self.assertEqual(asked.returncode, names.UNAVAILABLE)
                self.assertIn("is `custos run` running here?", asked.stderr)


if __name__ == "__main__":
    unittest.main()
