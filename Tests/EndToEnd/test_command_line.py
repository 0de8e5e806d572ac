"""The command line as a person meets it: the manual as their `man` shows it, exit statuses, what `explain` says."""

import os
import shutil
import subprocess
import tempfile
import unittest

from harness import custos as program
from harness import names


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
