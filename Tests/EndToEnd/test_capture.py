"""`custos dev capture`: a copy of this machine that Custos reads like the machine, without what tells whose it is."""

import glob
import json
import os
import pwd
import re
import socket
import subprocess
import sys
import tempfile
import unittest

from harness import children, names
from harness.custos import once

SECRET = "hunter2-of-the-capture-test"
KINDS = ["conntrack", "filefd", "mem", "pids", "pressure", "sockstat", "uptime", "zombie"]
# By how much a capture may lie outside of what the machine says before and after it: not at all where a figure only
# grows.
SLACK = {"conntrack_drops_total": 0, "filefd_used_ratio": 0.02, "mem_used_ratio": 0.05, "pids_threads": 200,
         "sockstat_listen_drops_total": 0, "sockstat_listen_overflows_total": 0, "uptime_seconds": 1}


def text_of(path):
    with open(path, "rb") as file:
        return file.read().decode(errors="replace")


def own_words():
    """What names this machine and its people."""
    words = {socket.gethostname(), os.uname().nodename}
    for path in ("/proc/sys/kernel/random/boot_id", "/etc/machine-id", "/etc/hostname"):
        if os.path.exists(path):
            words.add(text_of(path).strip())
    words |= {text_of(path).strip() for path in glob.glob("/sys/class/net/*/address")}
    addresses = subprocess.run(["ip", "-o", "address"], capture_output=True, text=True, check=True).stdout
    words |= set(re.findall(r"inet6? ([0-9a-f.:]+)/", addresses))
    words |= {user.pw_name for user in pwd.getpwall() if 1000 <= user.pw_uid < 60000}
    words |= set(re.findall(r"\b[0-9a-f]{64}\b", text_of("/proc/1/mountinfo") + text_of("/proc/1/cgroup")))
    usual = {"localhost", "00:00:00:00:00:00", "user", "admin", "guest", "test", "debian", "ubuntu", "centos", "fedora",
             "ec2-user", "cloud-user", "vagrant"}
    # Documentation, benchmarks and loopback belong to nobody.
    nobody = ("192.0.2.", "198.51.100.", "203.0.113.", "198.18.", "198.19.", "127.", "2001:db8:", "::")
    return {word for word in words - usual if len(word) > 3 and not word.startswith(nobody)}


class CaptureTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="custos-capture-")
        cls.addClassCleanup(folder.cleanup)
        talker = children.start([sys.executable, "-c", "import time; time.sleep(600)", f"--password={SECRET}"])
        cls.addClassCleanup(children.end, talker)
        cls.talker = talker.pid
        cls.folder = os.path.join(folder.name, "here")
        cls.before = cls.report({})
        cls.done = once("dev", "capture", "--processes", "10000", cls.folder)
        cls.files = [os.path.join(top, name) for top, folders, found in os.walk(cls.folder) for name in folders + found]
        cls.after = cls.report({})

    def captured(self):
        return {"HOST_PROC": self.folder + "/proc", "HOST_SYS": self.folder + "/sys",
                "HOST_ROOT": self.folder + "/root", "HOST_RUN": self.folder + "/run", names.JOURNAL: "memory"}

    @staticmethod
    def report(environment):
        arguments = [word for kind in KINDS for word in ("--kind", kind)]
        done = once("check", "--output", "json", *arguments, environment={names.JOURNAL: "memory", **environment})
        assert done.returncode in (0, 1, 2, 3), done.stderr
        return {(o["measure"], o["target"]): o for check in json.loads(done.stdout)["checks"]
                for o in check["observations"]}

    def test_it_says_what_it_wrote(self):
        self.assertEqual((self.done.returncode, self.done.stderr), (0, ""))
        about = text_of(self.folder + "/ABOUT.md")
        self.assertEqual(self.done.stdout, about)
        self.assertIn(os.uname().release, about)
        self.assertIn(os.uname().machine, about)
        for part in ("proc/meminfo", "proc/1/stat", "proc/1/net/netstat", "proc/sys/kernel/osrelease"):
            self.assertTrue(os.path.isfile(f"{self.folder}/{part}"), about)

    def test_nothing_names_this_machine(self):
        """No name, address or identifier of the machine is in any file, nor in any file's name."""
        patterns = [re.compile(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])") for word in own_words()]
        self.assertTrue(patterns)
        for path in self.files:
            shown = os.path.relpath(path, self.folder)
            text = os.readlink(path) if os.path.islink(path) else text_of(path) if os.path.isfile(path) else ""
            for pattern in patterns:
                self.assertIsNone(pattern.search(shown), shown)
                found = pattern.search(text)
                self.assertIsNone(found, f"{shown}: {found and found.group()}")

    def test_arguments_are_gone_and_programs_stay(self):
        line = text_of(f"{self.folder}/proc/{self.talker}/cmdline")
        self.assertEqual(line.split("\0")[1:], ["x", "x", "x", ""])
        self.assertTrue(line.split("\0")[0].endswith(os.path.basename(sys.executable)), line)
        for path in self.files:
            if os.path.isfile(path) and not os.path.islink(path):
                self.assertNotIn(SECRET, text_of(path))

    def test_no_link_leads_out(self):
        for path in self.files:
            if os.path.islink(path):
                target = os.readlink(path)
                inside = os.path.normpath(os.path.join(os.path.dirname(path), target))
                self.assertTrue(inside.startswith(self.folder + "/"), f"{path} -> {target}")

    def test_custos_reads_it_like_the_machine(self):
        """S29 what the checks read of the machine they read of its capture, with the same figures where they stand."""
        there = self.report(self.captured())
        known = {key for key, seen in self.after.items() if seen["value"] is not None or seen["state"] is not None}
        # Two readings are needed for some, and a copy stands still.
        rates = {key for key in known if "per_second" in key[0]}
        self.assertLessEqual(known - rates, set(there), "measures are missing in the capture")
        compared = {key for key in known & set(there) & set(self.before) if key[0] in SLACK}
        for key in compared:
            least, most = sorted([self.before[key]["value"], self.after[key]["value"]])
            slack = SLACK[key[0]]
            self.assertTrue(least - slack <= there[key]["value"] <= most + slack, (key, least, there[key], most))
        self.assertGreaterEqual(len(compared), 4, known)
        self.assertGreater(len(known), 8, known)


class RefusalTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="custos-capture-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_a_folder_with_something_in_it(self):
        path = os.path.join(self.folder, "note")
        with open(path, "w") as file:
            file.write("mine")
        done = once("dev", "capture", self.folder)
        self.assertEqual((done.returncode, done.stdout), (names.CANNOT_CREATE, ""))
        self.assertIn("not an empty folder: name one that does not exist yet", done.stderr)
        self.assertEqual((os.listdir(self.folder), text_of(path)), (["note"], "mine"))

    def test_a_folder_that_cannot_be_made(self):
        done = once("dev", "capture", self.folder + "/none/here")
        self.assertEqual(done.returncode, names.CANNOT_CREATE)
        self.assertIn("cannot be written", done.stderr)

    def test_words_that_are_wrong(self):
        for words in ([], [""], [self.folder, "--processes", "1"]):
            self.assertEqual(once("dev", "capture", *words).returncode, names.USAGE, words)


if __name__ == "__main__":
    unittest.main()
