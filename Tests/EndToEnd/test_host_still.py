"""What should stand still and does not: pressure, slow disks, mounts, the host's name, kernel parameters, security
modules. Each is told with the right figures, and that it is over; what must not change is compared over a restart."""

import json
import os
import subprocess
import unittest

from harness import children, names, shared
from harness.custos import HardenedCustos
from harness.host_case import MachineCase
from harness.kernel import read
from harness.waiting import eventually, throughout

CALM = "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=3\n"
# Reads, writes and flushes of a disk that turns: name, reads, their ms, writes, their ms, under way, ms of work.
DISK = "   8       0 {} {} 0 0 {} {} 0 0 {} {} {} 0 0 0 0 0 0 0\n"


class Case(MachineCase):
    def setUp(self):
        super().setUp()
        os.makedirs(f"{self.machine.folder}/sys/kernel")
        self.environment |= {"HOST_SYS": self.machine.folder + "/sys"}

    def put(self, name, text):
        """A file below the machine's sysfs."""
        path = f"{self.machine.folder}/sys/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w") as file:
            file.write(text)
        os.replace(path + ".new", path)

    def etc(self, name, text):
        """A file of the machine's own in its /etc, which may be written again."""
        path = f"{self.machine.folder}/{name}"
        is_new = not os.path.exists(path)
        with open(path, "w") as file:
            file.write(text)
        if is_new:
            self.machine.run("mount", "--bind", path, f"/etc/{name}")


class PressureTests(Case):
    def press(self, resource, share):
        text = CALM.replace("some avg10=0.00 avg60=0.00", f"some avg10=9.00 avg60={share}")
        self.machine.write(f"pressure/{resource}", text)

    def test_memory_that_is_waited_for(self):
        """S31 pressure is told once it lasts: warning, critical, resolved."""
        for resource in ("cpu", "io", "memory"):
            self.machine.write(f"pressure/{resource}", CALM)
        self.watching("PRESSURE", MEMORY_FOR="2s", IO_FOR="0s")
        self.press("memory", "15.50")
        throughout("a short while is no trouble", lambda: self.told() == [], 1)
        event = self.heard(measure="pressure_memory_some_ratio", reason="fired")
        self.assertEqual((event["target"], event["severity"], event["value"]), ("host", "warning", 0.155))
        self.press("memory", "31.00")
        self.heard(measure="pressure_memory_some_ratio", severity="critical")
        self.press("io", "45.00")
        self.heard(measure="pressure_io_some_ratio", reason="fired", severity="warning")
        for resource in ("io", "memory"):
            self.machine.write(f"pressure/{resource}", CALM)
            self.heard(measure=f"pressure_{resource}_some_ratio", reason="resolved")

    def test_the_running_kernels_own(self):
        """S29 what the kernel averages is what is told."""
        if not os.path.isdir("/proc/pressure"):
            check, _ = self.report("PRESSURE")
            self.assertIn("psi=1", json.dumps(check))
            return
        self.machine.link("pressure", "/proc/pressure")
        def minute():
            return float(read("/proc/pressure/io").split("avg60=")[1].split()[0]) / 100
        before = minute()
        _, seen = self.report("PRESSURE")
        low, high = sorted([before, minute()])
        self.assertTrue(low - 0.05 <= seen["pressure_io_some_ratio", "host"]["value"] <= high + 0.05, seen)
        self.assertEqual(len(seen), 5)

    def test_a_kernel_that_does_not_measure(self):
        """S31 no pressure is no alert: not applicable, with what would switch it on."""
        check, seen = self.report("PRESSURE")
        self.assertEqual(seen, {})
        self.assertEqual(check["status"], "not_applicable", check)
        self.assertIn("psi=1", json.dumps(check))


class DiskioTests(Case):
    def disk(self, *figures, name="sda"):
        self.machine.write("diskstats", DISK.format(name, *figures) + DISK.format(name + "1", *figures))

    def setUp(self):
        super().setUp()
        self.put("block/sda/queue/rotational", "1\n")

    def test_a_disk_that_is_slow(self):
        """S31 slow for its kind, with enough I/Os; resolved when it is quick or idle."""
        self.disk(100, 1000, 100, 1000, 0, 500)
        self.watching("DISKIO", AWAIT_FOR="0s")
        self.disk(110, 4000, 100, 1000, 0, 505)
        throughout("ten I/Os are too few", lambda: self.told() == [], 1)
        self.disk(210, 14000, 100, 1000, 0, 510)
        event = self.heard(measure="diskio_await_seconds", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("sda", "warning"))
        self.assertEqual((event["value"], event["threshold"]), (0.1, "> 0.05"))
        self.assertEqual(event["annotations"]["await_read"], "100 ms")
        self.heard(measure="diskio_await_seconds", reason="resolved")
        self.disk(210, 14000, 200, 51000, 0, 510)
        self.assertEqual(self.heard(measure="diskio_await_seconds", severity="critical")["value"], 0.5)
        self.assertEqual({target for _, target, _ in self.told()}, {"sda"})

    def test_a_disk_that_ends_nothing(self):
        """S31 I/Os under way of which none ends are slow, too."""
        self.disk(100, 1000, 100, 1000, 0, 500)
        self.watching("DISKIO", AWAIT_FOR="0s", HDD_WARNING="off", HDD_CRITICAL="100ms")
        self.disk(100, 1000, 100, 1000, 3, 500)
        event = self.heard(measure="diskio_await_seconds", reason="fired")
        self.assertIn("has ended nothing", event["summary"])
        self.disk(103, 1010, 100, 1000, 0, 500)
        self.heard(measure="diskio_await_seconds", reason="resolved")

    def test_a_disk_that_goes(self):
        """S14 a disk that is there no more takes its alert with it."""
        self.disk(100, 1000, 100, 1000, 0, 500)
        self.watching("DISKIO", AWAIT_FOR="0s", HDD_WARNING="off", HDD_CRITICAL="100ms")
        self.disk(100, 1000, 100, 1000, 3, 500)
        self.heard(measure="diskio_await_seconds", reason="fired")
        self.put("block/sdb/queue/rotational", "1\n")
        self.disk(1, 1, 1, 1, 0, 1, name="sdb")
        self.heard(measure="diskio_await_seconds", target="sda", reason="gone")

    def test_a_real_disk(self):
        """S31 what was read and written is what the kernel counted meanwhile."""
        disk = self.machine.disk("data")
        device = os.path.basename(self.machine.run("findmnt", "-n", "-o", "SOURCE", disk).strip())
        self.machine.link("diskstats", "/proc/diskstats")
        def ended():
            line = [row.split() for row in read("/proc/diskstats").splitlines() if row.split()[2] == device][0]
            return int(line[3]) + int(line[7])
        before = ended()
        work = "while :; do dd if=/dev/zero of=$0/f bs=4k count=8 conv=fsync 2>/dev/null; done"
        inside = ["nsenter", "--target", str(self.machine.first.pid), "--mount", "--", "sh", "-c", work, disk]
        worker = children.start(inside)
        self.addCleanup(children.end, worker)
        eventually("the disk is at work", lambda: ended() > before + 10)
        _, seen = self.report("DISKIO", {"HOST_SYS": "/sys"}, INCLUDE=device, EXCLUDE="sr*")
        rate = seen["diskio_ios_per_second", device]["value"]
        self.assertTrue(0 < rate <= ended() - before, (rate, before, ended()))
        self.assertTrue(0 < seen["diskio_await_seconds", device]["value"] < 5, seen)
        self.assertTrue(0 <= seen["diskio_busy_ratio", device]["value"] <= 1, seen)


class MountTests(Case):
    def test_what_the_settings_name(self):
        """S30 remounted read-only and unmounted are deviations; S13 what was kept is compared when they are over."""
        disk = self.machine.disk("data", options="noexec")
        self.watching("MOUNT", CRITICAL=f"{disk} ext4|xfs rw noexec", FSTAB="off")
        self.machine.run("mount", "-o", "remount,ro", disk)
        event = self.heard(measure="mount_compliance", reason="fired")
        self.assertEqual((event["target"], event["severity"]), (disk, "critical"))
        self.assertEqual(event["state"], "deviates_critically")
        self.assertEqual(event["summary"], f"{disk} is mounted without rw")
        self.machine.run("mount", "-o", "remount,rw", disk)
        self.heard(measure="mount_compliance", reason="resolved")
        self.machine.run("mount", "--bind", "/", disk)
        eventually("another filesystem over it", lambda: len(self.told()) == 3)
        self.machine.run("umount", disk)
        eventually("it is over", lambda: len(self.told()) == 4)
        self.machine.run("mount", "-o", "remount,nodev", disk)
        event = self.heard(measure="mount_options", reason="fired")
        self.assertEqual((event["target"], event["severity"]), (disk, "warning"))
        self.assertIn("nodev", event["state"])

    def test_what_fstab_asks_for(self):
        """S30 what fstab asks for and is not mounted is told; `nofail` only when it was there and went."""
        disk, extra = self.machine.disk("data"), self.machine.disk("extra")
        here = self.machine.folder
        self.etc("fstab", f"# a test\n/dev/x {disk} auto defaults 0 2\n/dev/y {here}/none ext4 nofail\n"
                 f"{here}/extra.img {extra} ext4 loop,nofail 0 0\nnone {here}/hand tmpfs noauto\n/swap none swap\n")
        self.watching("MOUNT", CHANGES="off")
        throughout("all is as it should be", lambda: self.told() == [], 1)
        self.machine.run("umount", extra)
        event = self.heard(measure="mount_present", reason="fired")
        self.assertEqual((event["target"], event["severity"], event["state"]), (extra, "warning", "missing"))
        self.machine.run("mount", extra)
        self.heard(measure="mount_present", reason="resolved")
        self.machine.run("umount", disk)
        event = self.heard(measure="mount_compliance", reason="fired")
        self.assertEqual((event["target"], event["severity"], event["state"]), (disk, "warning", "deviates"))
        self.assertEqual(event["summary"], f"{disk} is not mounted")
        self.etc("fstab", "# nothing\n")
        self.heard(measure="mount_compliance", target=disk, reason="gone")

    def test_options_that_change_while_nobody_watches(self):
        """S13 the baseline is kept over a restart; the first sight is none."""
        point = f"{self.machine.folder}/mnt/memory"
        os.makedirs(point)
        self.machine.run("mount", "-t", "tmpfs", "-o", "noexec", "nothing", point)
        custos = self.watching("MOUNT", WARNING=point, FSTAB="off")
        throughout("the first sight is no change", lambda: self.told() == [], 1)
        custos.kill()
        self.machine.run("mount", "-o", "remount,exec", point)
        custos.started()
        event = self.heard(measure="mount_options", reason="fired")
        self.assertEqual((event["target"], event["severity"]), (point, "warning"))
        self.assertNotIn("noexec", event["state"])


class HostidentTests(Case):
    def test_another_name(self):
        """S13 another name is told once, also when it changed while nobody watched."""
        self.etc("hostname", "first\n")
        custos = self.watching("HOSTIDENT")
        throughout("the first sight is no change", lambda: self.told() == [], 1)
        self.etc("hostname", "second\n")
        event = self.heard(measure="hostident_name", reason="fired")
        self.assertEqual((event["target"], event["severity"], event["state"]), ("host", "warning", "second"))
        custos.kill()
        self.etc("hostname", "third\n")
        custos.environment |= {"CUSTOS_HOSTIDENT__OCCURRENCE_INTERVAL": "0s"}
        custos.started()
        self.heard(measure="hostident_name", reason="occurred", state="third")
        self.assertEqual(len(self.told()), 2)

    def test_other_addresses_on_request(self):
        """S31 addresses of the default route's interface are looked at on request only."""
        self.etc("hostname", "first\n")
        self.machine.run("ip", "link", "add", "way", "type", "veth", "peer", "name", "end")
        self.machine.run("ip", "link", "set", "end", "up")
        self.machine.run("ip", "address", "add", "192.0.2.7/24", "dev", "way")
        self.machine.run("ip", "link", "set", "way", "up")
        self.machine.run("ip", "route", "add", "default", "via", "192.0.2.1")
        _, seen = self.report("HOSTIDENT", ADDRESSES="info")
        self.assertEqual(seen["hostident_addresses", "ipv4"]["state"], "192.0.2.7")
        self.watching("HOSTIDENT", ADDRESSES="info")
        self.machine.run("ip", "address", "add", "192.0.2.8/24", "dev", "way")
        event = self.heard(measure="hostident_addresses", target="ipv4", reason="fired")
        self.assertEqual((event["severity"], event["state"]), ("info", "192.0.2.7 192.0.2.8"))


class SysctlTests(Case):
    def setUp(self):
        super().setUp()
        self.machine.link("thread-self", "/proc/thread-self")
        self.machine.link("sys/net", "/proc/sys/net")
        self.machine.link("sys/vm", "/proc/sys/vm")

    def set(self, name, value):
        self.machine.run("sh", "-c", f"echo {value} > /proc/sys/{name}")

    def test_parameters_of_the_hosts_network(self):
        """S29 a reader in the host's network namespace judges its parameters; S13 changes, over a restart too."""
        self.set("net/core/somaxconn", 4096)
        self.set("net/ipv4/ip_default_ttl", 64)
        self.reaches_webhooks = False
        within = ["nsenter", f"--net=/proc/{self.machine.first.pid}/ns/net", "--"]
        custos = self.watching("SYSCTL", under=within, WARNING="net.core.somaxconn >= 100",
                               CRITICAL="net.core.somaxconn >= 10", CHANGES="net.ipv4.ip_default_ttl")
        self.set("net/core/somaxconn", 50)
        event = self.heard(measure="sysctl_compliance", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("net.core.somaxconn", "warning"))
        self.assertEqual(event["state"], "deviates")
        self.assertEqual(event["summary"], "net.core.somaxconn is 50, expected >= 100")
        self.set("net/core/somaxconn", 5)
        self.heard(measure="sysctl_compliance", severity="critical", state="deviates_critically")
        self.set("net/core/somaxconn", 4096)
        self.heard(measure="sysctl_compliance", reason="resolved")
        custos.kill()
        self.set("net/ipv4/ip_default_ttl", 63)
        custos.started()
        event = self.heard(measure="sysctl_value", reason="fired")
        self.assertEqual((event["target"], event["state"]), ("net.ipv4.ip_default_ttl", "63"))
        self.assertEqual(len(self.told()), 4, self.told())

    def test_a_reader_elsewhere(self):
        """S29 a reader in another network namespace says that it does not know; what all share it judges."""
        swappiness = int(read("/proc/sys/vm/swappiness"))
        _, seen = self.report("SYSCTL", WARNING=f"net.core.somaxconn >= 100,vm.swappiness = {swappiness}")
        self.assertIsNone(seen["sysctl_compliance", "net.core.somaxconn"]["state"])
        self.assertIn("network_mode: host", json.dumps(seen["sysctl_compliance", "net.core.somaxconn"]))
        self.assertEqual(seen["sysctl_compliance", "vm.swappiness"]["state"], "as_expected")


class SecmodTests(Case):
    def test_selinux_that_is_made_permissive(self):
        """S13 what was enforced and is no more is told; what cannot be seen is not told as off."""
        self.put("fs/selinux/enforce", "1")
        self.put("module/apparmor/parameters/enabled", "N\n")
        custos = self.watching("SECMOD", ENABLED="true")
        throughout("the first sight is no change", lambda: self.told() == [], 1)
        custos.kill()
        self.put("fs/selinux/enforce", "0")
        custos.started()
        event = self.heard(measure="secmod_selinux_mode", reason="fired")
        self.assertEqual((event["target"], event["severity"], event["state"]), ("selinux", "warning", "permissive"))
        os.remove(f"{self.machine.folder}/sys/fs/selinux/enforce")
        _, seen = self.report("SECMOD", ENABLED="true")
        self.assertIsNone(seen["secmod_selinux_mode", "selinux"]["state"])
        self.assertEqual(seen["secmod_apparmor_state", "apparmor"]["state"], "disabled")


class ContainerTests(unittest.TestCase):
    """As uid 65532 without capabilities, in a bridged container."""

    @classmethod
    def setUpClass(cls):
        engine = shared.engine_with_custos()
        swappiness = read("/proc/sys/vm/swappiness")
        custos = HardenedCustos(engine, engine.socket, {
            "CUSTOS_SYSCTL__WARNING": f"vm.swappiness = {swappiness},net.core.somaxconn >= 1,kernel.shmmax >= 1",
            "CUSTOS_SECMOD": "on", "CUSTOS_MOUNT__WARNING": "/,/proc proc", "CUSTOS_HOSTIDENT__ADDRESSES": "info",
        })
        cls.addClassCleanup(custos.close)
        code, output, log = custos.once("check", "--output", "json")
        assert code in (0, 1, 2, 3), (code, log)
        cls.seen = {(o["measure"], o["target"]): o for check in json.loads(output)["checks"]
                    for o in check["observations"]}

    def test_pressure_and_disks_are_the_hosts(self):
        """S29 what no namespace hides is the host's."""
        disks = {target for measure, target in self.seen if measure == "diskio_await_seconds"}
        # Only hardware must be told of; what is made of it (LVM, LUKS, md) has names of its own.
        hardware = {name for name in os.listdir("/sys/block") if os.path.exists(f"/sys/block/{name}/device")
                    and not name.startswith(("sr", "fd", "nbd"))}
        self.assertLessEqual(hardware, disks)
        self.assertEqual([name for name in disks if name.startswith(("loop", "ram", "zram"))], [])
        if os.path.isdir("/proc/pressure"):
            self.assertIn(("pressure_memory_some_ratio", "host"), self.seen)

    def test_parameters(self):
        """S29 a parameter of the container's own namespaces is unknown, never taken for the host's."""
        self.assertEqual(self.seen["sysctl_compliance", "vm.swappiness"]["state"], "as_expected")
        for name, remedy in [("net.core.somaxconn", "network_mode: host"), ("kernel.shmmax", "ipc: host")]:
            self.assertIsNone(self.seen["sysctl_compliance", name]["state"])
            self.assertIn(remedy, json.dumps(self.seen["sysctl_compliance", name]))

    def test_mounts_and_name_are_the_hosts(self):
        """S4 S30 the host's mounts, name and addresses, not the container's."""
        self.assertEqual(self.seen["mount_compliance", "/"]["state"], "as_expected")
        root = [row.split() for row in read("/proc/1/mounts").splitlines() if row.split()[1] == "/"][-1]
        self.assertTrue(self.seen["mount_options", "/"]["state"].startswith(root[2] + " "), self.seen)
        if os.path.exists("/etc/hostname"):
            wanted = [line for line in read("/etc/hostname").splitlines() if line and not line.startswith("#")][0]
            self.assertEqual(self.seen["hostident_name", "host"]["state"], wanted.strip())
        else:
            self.assertNotIn(("hostident_name", "host"), self.seen)
        own = self.seen["hostident_addresses", "ipv4"]["state"]
        self.assertIn(own.split()[0], subprocess.run(["ip", "-4", "address"], capture_output=True, text=True,
                                                     check=True).stdout + "none")


if __name__ == "__main__":
    unittest.main()
