"""What becomes of the host's processors, memory, filesystems and connections is told, and that it is over."""

import contextlib
import os
import unittest

from harness import children, names
from harness.custos import Custos
from harness.host_case import MachineCase
from harness.waiting import eventually, throughout


class DiskTests(MachineCase):
    def watching_disks(self, **settings):
        return self.watching("DISK", INCLUDE=self.machine.folder + "/*", **{"HUNG_AFTER": "5s", **settings})

    def test_a_filesystem_that_fills(self):
        """S30 one alert per filesystem, however often it is mounted: warning, critical, resolved."""
        disk = self.machine.disk("data")
        bind = self.machine.folder + "/mnt/deep/er/bind"
        os.makedirs(bind)
        os.mkdir(self.machine.path(disk, "folder"))
        self.machine.run("mount", "--bind", disk + "/folder", bind)
        custos = self.watching_disks()
        with custos.paused():
            self.machine.fill(disk, 0.92)
        event = self.heard(measure="disk_used_ratio", reason="fired")
        self.assertEqual((event["target"], event["severity"]), (disk, "warning"))
        self.assertAlmostEqual(event["value"], 0.92, places=2)
        self.machine.fill(disk, 0.97)
        self.heard(measure="disk_used_ratio", reason="severity_changed", severity="critical")
        with custos.paused():
            for name in os.listdir(self.machine.path(disk)):
                if name.startswith("fill-"):
                    os.remove(self.machine.path(disk, name))
        self.heard(measure="disk_used_ratio", reason="resolved")
        self.assertEqual({target for _, target, _ in self.told()}, {disk})
        self.assertEqual(len(self.told()), 3)

    def test_inodes_that_are_used_up(self):
        """S30 a filesystem with space and without inodes is full as well."""
        disk = self.machine.disk("small", "-N", "128")
        custos = self.watching_disks()
        with custos.paused(), self.assertRaises(OSError):
            for number in range(10_000):
                with open(self.machine.path(disk, str(number)), "w"):
                    pass
        event = self.heard(measure="disk_inodes_used_ratio", reason="fired")
        self.assertEqual((event["target"], event["value"]), (disk, 1))
        with custos.paused():
            for name in os.listdir(self.machine.path(disk)):
                if name.isdigit():
                    os.remove(self.machine.path(disk, name))
        self.heard(measure="disk_inodes_used_ratio", reason="resolved")
        self.assertEqual({measure for measure, _, _ in self.told()}, {"disk_inodes_used_ratio"})

    def test_remounted_read_only(self):
        """S30 what became read-only stays critical, over a restart too; what always was is none."""
        disk = self.machine.disk("data")
        self.machine.disk("archive", options="ro")
        custos = self.watching_disks()
        self.machine.run("mount", "-o", "remount,ro", disk)
        event = self.heard(measure="disk_writable", reason="fired")
        self.assertEqual((event["target"], event["severity"], event["state"]), (disk, "critical", "read_only"))
        custos.kill()
        custos.started()
        throughout("it stays critical", lambda: len(self.told()) == 1, 1.5)
        self.machine.run("mount", "-o", "remount,rw", disk)
        self.heard(measure="disk_writable", reason="resolved")
        self.assertEqual({target for _, target, _ in self.told()}, {disk})

    def test_an_error_that_makes_it_read_only(self):
        """S30 a filesystem that the kernel stops after an error is critical, also when it was so before the start."""
        disk = self.machine.disk("data", options="errors=remount-ro")
        self.machine.break_filesystem(disk)
        self.watching_disks()
        event = self.heard(measure="disk_writable", reason="fired")
        self.assertEqual((event["target"], event["severity"], event["state"]), (disk, "critical", "error_read_only"))

    def test_what_changes_between_two_looks(self):
        """S30 what is mounted, and what an error stops, is told by the next looks: not all is read at each of them."""
        former = self.machine.disk("former", options="errors=remount-ro")
        custos = self.watching_disks(EVERY="3s")
        with custos.paused():
            self.machine.fill(self.machine.disk("later"), 0.97)
        event = self.heard(measure="disk_used_ratio", reason="fired", timeout=12)
        self.assertEqual((event["target"], event["severity"]), (self.machine.folder + "/mnt/later", "critical"))
        self.machine.break_filesystem(former)
        event = self.heard(measure="disk_writable", reason="fired", timeout=12)
        self.assertEqual((event["target"], event["state"]), (former, "error_read_only"))

    def test_a_folder_that_is_written_on_request(self):
        """S30 what can be written no more is told, with the reason; nothing is left behind."""
        disk = self.machine.disk("data")
        self.watching_disks(WRITE_TEST=disk, READ_ONLY="off", WARNING="off", CRITICAL="off")
        self.machine.fill(disk, 1.0)

        def told():
            """Takes the rest, also what Custos gives back after a write that still succeeded."""
            with contextlib.suppress(OSError), open(self.machine.path(disk, "rest"), "ab", buffering=0) as file:
                while True:
                    file.write(b"x" * 1024)
            return self.alerts(measure="disk_write_test", reason="fired")
        event = eventually("a full disk is told", told)[0]
        self.assertEqual((event["target"], event["severity"], event["state"]), (disk, "critical", "failed"))
        self.assertIn("No space left", event["summary"])
        for name in os.listdir(self.machine.path(disk)):
            if name.startswith("fill-") or name == "rest":
                os.remove(self.machine.path(disk, name))
        self.heard(measure="disk_write_test", reason="resolved")

        def remounted():
            """Not while Custos has its file open."""
            with contextlib.suppress(AssertionError):
                self.machine.run("mount", "-o", "remount,ro", disk)
                return True
            return False
        eventually("it can be remounted", remounted)
        eventually("read-only is told too", lambda: len(self.told()) == 3)
        self.assertEqual([n for n in os.listdir(self.machine.path(disk)) if n != "lost+found"], [])

    def test_unmounted(self):
        """S14 a filesystem that is mounted no more takes its alerts with it."""
        disk = self.machine.disk("data")
        custos = self.watching_disks()
        with custos.paused():
            self.machine.fill(disk, 0.97)
        self.heard(measure="disk_used_ratio", reason="fired", severity="critical")
        self.machine.run("umount", disk)
        self.heard(measure="disk_used_ratio", reason="gone")

    def test_a_filesystem_that_hangs(self):
        """S30 a filesystem whose server is away is told so, costs one thread, and holds up no other."""
        disk = self.machine.disk("data")
        hung, server = self.machine.hang("away")
        custos = self.watching_disks(HUNG_AFTER="500ms")

        def threads():
            return [thread for thread, name in custos.threads().items() if name == "custos-disk"]

        event = self.heard(measure="disk_answers", target=hung, reason="fired")
        self.assertEqual((event["severity"], event["state"]), ("critical", "hung"))
        stuck = eventually("one thread is left", lambda: next((t for t in [threads()] if len(t) == 1), None))
        self.machine.fill(disk, 0.97)
        self.heard(measure="disk_used_ratio", target=disk, reason="fired")
        # Others come and go with each sweep.
        throughout("the thread stays the only one that is stuck",
                   lambda: set(stuck) <= set(threads()) and len(threads()) <= 2, 2)
        server.stdin.close()
        server.wait(10)
        self.heard(measure="disk_answers", target=hung, reason="severity_changed", severity="warning")
        self.machine.run("umount", hung)
        self.heard(measure="disk_answers", target=hung, reason="gone")
        self.assertIsNone(custos.process.poll())
        self.assertEqual([e for e in self.alerts() if e["measure"] == names.CHECK_HEALTH], [])

    def test_without_the_hosts_root(self):
        """S30 without the host's root the check is blind, and says what to mount."""
        custos = Custos({**self.machine.environment, "HOST_ROOT": self.machine.folder})
        self.addCleanup(custos.close)
        done = custos.command("check", "--kind", "disk")
        self.assertIn("mount the host's root: -v /:/host/root:ro,rslave", done.stdout)


class ConntrackTests(MachineCase):
    def test_a_table_that_fills(self):
        """S29 the host's own table is judged: its entries against the limit."""
        self.machine.run("iptables", "-A", "INPUT", "-m", "conntrack", "--ctstate", "NEW", "-j", "ACCEPT")
        self.machine.write("sys/net/netfilter/nf_conntrack_max", "100\n")
        custos = self.watching("CONNTRACK")
        with custos.paused():
            self.machine.track(80)
        event = self.heard(measure="conntrack_used_ratio", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("host", "warning"))
        self.assertGreaterEqual(event["value"], 0.8)
        self.machine.track(95)
        self.heard(measure="conntrack_used_ratio", severity="critical")
        self.machine.write("sys/net/netfilter/nf_conntrack_max", "1000\n")
        self.heard(measure="conntrack_used_ratio", reason="resolved")


class MemTests(MachineCase):
    def test_memory_that_runs_out(self):
        """S31 what is available counts, once it has been little for a while."""
        def left(kilobytes):
            self.machine.write("meminfo", f"MemTotal: 1000000 kB\nMemFree: 1000 kB\nMemAvailable: {kilobytes} kB\n")
        left(500_000)
        self.watching("MEM", USED_FOR="10s")
        left(80_000)
        throughout("a short while is no trouble", lambda: self.told() == [], 1)
        event = self.heard(measure="mem_used_ratio", reason="fired")
        self.assertEqual((event["severity"], event["value"]), ("critical", 0.92))
        left(500_000)
        self.heard(measure="mem_used_ratio", reason="resolved")


class CPUTests(MachineCase):
    def test_processors_that_have_no_time_left(self):
        """S31 busy processors are a warning, once they have been busy for a while."""
        self.watching("CPU", WARNING="60", BUSY_FOR="1s", LOAD_WARNING="off", LOAD_CRITICAL="off")
        for _ in range(2 * (os.cpu_count() or 1)):
            self.addCleanup(children.end, children.start(["sh", "-c", "while :; do :; done"]))
        event = self.heard(measure="cpu_busy_ratio", reason="fired", timeout=60)
        self.assertEqual((event["target"], event["severity"]), ("host", "warning"))
        self.assertTrue(0.6 < event["value"] <= 1, event)


if __name__ == "__main__":
    unittest.main()
