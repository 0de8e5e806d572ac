"""What developers run: the demo on a captured host, and the changelog."""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

from harness import children, names
from harness.images import REPOSITORY
from harness.program import binary


def script(name, *arguments):
    return subprocess.run([os.path.join(REPOSITORY, "scripts", name), *arguments], capture_output=True, text=True,
                          timeout=60, check=False)


class DemoTests(unittest.TestCase):
    def test_a_captured_host_is_shown_and_then_watched(self):
        """S36 the pass is the fixture's, not this machine's; the daemon follows."""
        folder = tempfile.TemporaryDirectory(prefix="custos-demo-")
        self.addCleanup(folder.cleanup)
        environment = {"PATH": os.environ["PATH"], names.JOURNAL: folder.name + "/journal.db", names.STATUS: "off",
                       names.CONTROL: folder.name + "/control.sock", "CUSTOS_BINARY": binary()}
        demo = children.start([os.path.join(REPOSITORY, "scripts", "demo"), binary(), "debian-12"], cwd="/",
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(demo.stdout.close)
        self.addCleanup(children.end, demo)
        patience = threading.Timer(60, demo.kill)
        patience.start()
        self.addCleanup(patience.cancel)
        seen = ""
        for line in demo.stdout:
            seen += line
            if "msg=started" in line:
                break
        shown, _, after = seen.partition("\nWatching the captured host debian-12; ")
        self.assertRegex(shown, r"^watched-1  .*\n", seen)
        self.assertRegex(shown, r"\n\w+ +mem +available 23\.1 GiB", shown)
        self.assertNotRegex(shown, r" docker +", shown)
        self.assertIn("watches watched-1: ", after)
        self.assertEqual(children.end(demo), 0)

    def test_a_host_that_is_not_there(self):
        for host in ("", "debian-1", "debian-12+no-proc", "../hosts/debian-12"):
            done = script("demo", "--known", host)
            self.assertEqual((done.returncode, done.stdout), (names.USAGE, ""), host)
            listed = re.findall(r"^  (\S+) +\w.*$", done.stderr, re.MULTILINE)
            self.assertEqual(set(listed), {os.path.basename(path) for path in
                                           glob.glob(os.path.join(REPOSITORY, "Tests/Fixtures/hosts/*"))
                                           if "+" not in path}, done.stderr)
        for host in listed:
            self.assertEqual(script("demo", "--known", host).returncode, 0, host)


class ChangelogTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="custos-changelog-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.mkdir(self.path("changes"))
        os.makedirs(self.path("Sources/Basics"))
        shutil.copy(os.path.join(REPOSITORY, "Sources/Basics/Version.swift"), self.path("Sources/Basics"))
        with open(self.path("CHANGELOG.md"), "w") as file:
            file.write("# Changelog\n\nSome words.\n")

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def page(self):
        with open(self.path("CHANGELOG.md")) as file:
            return file.read()

    def change(self, name, text):
        with open(self.path("changes", name), "w") as file:
            file.write(text)

    def raise_version(self, version):
        path = self.path("Sources/Basics/Version.swift")
        with open(path) as file:
            text = re.sub('current = ".*"', f'current = "{version}"', file.read())
        with open(path, "w") as file:
            file.write(text)

    def test_fragments_become_a_section(self):
        self.raise_version("7.1.0")
        self.change("links.fix.md", "Links are\nright again.\n")
        self.change("disk.feature.md", f"Watches {'very ' * 30}full disks.\n")
        self.change("door.security.md", "Closes a door.\n")
        done = script("changelog", self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(os.listdir(self.path("changes")), [])
        head, section = self.page().split("\n## ")
        self.assertEqual(head, "# Changelog\n\nSome words.\n")
        self.assertRegex(section, r"^7\.1\.0, \w+ \d+, \d{4}\n\n- \[SECURITY\] Closes a door\.\n- \[FEATURE\] Watches ")
        self.assertTrue(section.endswith("full disks.\n- [FIX] Links are right again.\n"), section)
        self.assertLessEqual(max(map(len, self.page().splitlines())), 120)
        # The next version comes above it.
        first = self.page()
        self.raise_version("7.2.0")
        self.change("more.enhancement.md", "Is faster.\n")
        self.assertEqual(script("changelog", self.folder).returncode, 0)
        self.assertEqual(self.page().split("\n## 7.1.0")[1], first.split("\n## 7.1.0")[1])
        self.assertIn("7.2.0", self.page().split("\n## 7.1.0")[0])

    def test_what_is_wrong_changes_nothing(self):
        before = self.page()
        self.assertIn("no fragment", script("changelog", self.folder).stderr)
        for name in ("links.md", "links.bugfix.md", "links.fix.txt", "links.fix.md"):
            self.change(name, " \n" if name == "links.fix.md" else "x")
            done = script("changelog", self.folder)
            self.assertEqual(done.returncode, 1, name)
            self.assertIn(name, done.stderr)
            self.assertEqual((os.listdir(self.path("changes")), self.page()), ([name], before))
            os.remove(self.path("changes", name))
        self.change("links.fix.md", "x")
        self.assertEqual(script("changelog", self.folder).returncode, 0)
        self.change("links.fix.md", "y")
        self.assertIn("raise the version", script("changelog", self.folder).stderr)
        self.assertEqual(os.listdir(self.path("changes")), ["links.fix.md"])

    def test_the_fragments_that_there_are(self):
        for path in ["CHANGELOG.md", *glob.glob("changes/*", root_dir=REPOSITORY)]:
            shutil.copy(os.path.join(REPOSITORY, path), self.path(path))
        # Just after a release there is none.
        self.change("one.fix.md", "Is right again.")
        before, count = self.page(), len(os.listdir(self.path("changes")))
        self.raise_version("999.0.0")
        done = script("changelog", self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.page().count("\n- [") - before.count("\n- ["), count)


if __name__ == "__main__":
    unittest.main()
