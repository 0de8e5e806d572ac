"""The completion scripts, each loaded by its real shell, with somebody who presses the tabulator."""

import os
import shutil
import tempfile
import unittest

from harness import custos as program
from harness.terminal import Terminal

# What is typed, where ⇥ is the tabulator, and the arguments that the shell makes of it.
LINES = [
    ("chec⇥ --ki⇥ fil⇥", ["check", "--kind", "filefd"]),
    ("check --output js⇥", ["check", "--output", "json"]),
    ("expl⇥ docker.start_l⇥", ["explain", "docker.start_limit"]),
    ("explain docker.restarts.w⇥", ["explain", "docker.restarts.warning"]),
    ("explain webhook.ops.ur⇥", ["explain", "webhook.ops.url"]),
    ("explain CUSTOS_DOCKER__START_L⇥", ["explain", "CUSTOS_DOCKER__START_LIMIT"]),
    ("sinks tes⇥ webhook.o⇥", ["sinks", "test", "webhook.ops"]),
    ("sinks retry std⇥", ["sinks", "retry", "stdout"]),
    ("silence li⇥", ["silence", "list"]),
    ("completion fi⇥", ["completion", "fish"]),
]


class CompletionTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="custos-completion-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def script(self, shell, path):
        made = program.once("completion", shell)
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        return self.write(path, made.stdout)

    def environment(self):
        """A home of its own, a program that shows its arguments unless a completion asks, and one named webhook."""
        shown = self.write("bin/custos", f"""#!/bin/sh
case "$1" in ---completion) exec {program.binary()} "$@" ;; esac
printf RAN
printf ' <%s>' "$@"
echo .
""")
        os.chmod(shown, 0o755)
        return {"PATH": f"{os.path.dirname(shown)}:{os.environ['PATH']}", "HOME": self.folder, "TERM": "xterm",
                "LANG": "C.UTF-8", "XDG_CONFIG_HOME": self.folder, "XDG_DATA_HOME": self.folder,
                "INPUTRC": "/dev/null", "CUSTOS_WEBHOOK__OPS__URL": "http://127.0.0.1:9/"}

    def completes(self, arguments, prepare):
        shell = Terminal(arguments, self.environment())
        self.addCleanup(shell.close)
        # The words differ from what is typed, so that the echo cannot pass for the answer.
        shell.type(f"{prepare}echo rea''dy\n")
        shell.until(r"\bready\b")
        for typed, expected in LINES:
            with self.subTest(typed):
                shell.type("custos " + typed.replace("⇥", "\t") + "\n")
                ran = shell.until(r"RAN((?: <[^<>]*>)*)\.").group(1)
                self.assertEqual(ran, "".join(f" <{word}>" for word in expected))

    def test_bash(self):
        script = self.script("bash", "completions/custos")
        self.completes(["bash", "--norc", "--noprofile", "-i"], f"source {script}; ")

    def test_zsh(self):
        script = self.script("zsh", "functions/_custos")
        prepare = f"fpath=({os.path.dirname(script)} $fpath); autoload -Uz compinit; compinit -u -D; "
        self.completes(["zsh", "-f", "-i"], prepare)

    def test_fish(self):
        self.script("fish", "fish/completions/custos.fish")
        # Without this folder, fish makes one from every manual page, and is at it when the test has ended.
        os.makedirs(os.path.join(self.folder, "fish", "generated_completions"))
        self.completes(["fish", "-i"], "")

    def test_a_configuration_with_problems_does_not_disturb_the_prompt(self):
        """What is typed is completed from what can be read, and nothing is said on either stream but the words."""
        broken = self.write("custos.yaml", "docker: {start_limit: soon\nwebhook: {ops: 7}\n")
        asked = program.once("---completion", "explain", "--", "positional@0", "2", "6", "custos", "explain", "docker",
                             environment={"CUSTOS_CONFIG": broken, "SAP_SHELL": "bash"})
        self.assertEqual((asked.returncode, asked.stderr), (0, ""))
        self.assertIn("docker.start_limit", asked.stdout.splitlines())


if __name__ == "__main__":
    unittest.main()
