"""From an unprivileged bridged container, Custos reports what the host itself reads, not its own namespaces."""

import collections
import json
import os
import socket
import subprocess
import unittest

from harness import shared
from harness.custos import HardenedCustos
from harness.kernel import read
from harness.waiting import eventually

SHOW = bool(os.environ.get("SHOW"))
LOOKS = 5

Look = collections.namedtuple("Look", "before report after")


def table(text, wanted):
    """A `/proc/net/netstat` style table: names on one line, values on the next."""
    lines = text.splitlines()
    for names, values in zip(lines, lines[1:]):
        if names.startswith(wanted + ":") and values.startswith(wanted + ":"):
            return dict(zip(names.split()[1:], map(int, values.split()[1:])))
    raise AssertionError(f"no {wanted} in {text[:200]!r}")


def host():
    """The host's own view, read as root in the host's namespaces."""
    memory = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in read("/proc/meminfo").splitlines()}
    disk = os.statvfs("/")
    used = disk.f_blocks - disk.f_bfree
    stat = dict(line.split(maxsplit=1) for line in read("/proc/stat").splitlines())
    return {
        "neigh": int(read("/proc/1/net/stat/arp_cache").splitlines()[1].split()[0], 16),
        "overflows": table(read("/proc/1/net/netstat"), "TcpExt")["ListenOverflows"],
        "files": int(read("/proc/sys/fs/file-nr").split()[0]),
        "boot": int(stat["btime"]), "boot_id": read("/proc/sys/kernel/random/boot_id"),
        "memory": memory["MemAvailable"], "disk": used / (used + disk.f_bavail),
        "load": float(read("/proc/loadavg").split()[1]) / os.cpu_count(),
        "conntrack": int(read("/proc/1/net/stat/nf_conntrack").splitlines()[1].split()[0], 16),
        "uptime": float(read("/proc/uptime").split()[0]),
    }


class HostTruthTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine_with_custos()
        cls._make_the_host_differ()
        cls.custos = HardenedCustos(cls.engine, cls.engine.socket)
        cls.addClassCleanup(cls.custos.close)
        cls.looks = []
        cls.before, cls.report, cls.after = cls.look(0)
        inside = cls.engine.run(["sh", "-c", "cat /proc/net/stat/arp_cache; echo ==; cat /proc/net/netstat; "
                                 "echo ==; cat /proc/net/stat/nf_conntrack"])
        cls.addClassCleanup(inside.remove)
        inside.wait()
        cls.neighbours_inside, cls.netstat_inside, cls.conntrack_inside = inside.output()[0].split("==\n")

    @classmethod
    def look(cls, number):
        """What the host says, what Custos says, and what the host says then."""
        if number == len(cls.looks):
            cls._talk()
            before = host()
            code, output, log = cls.custos.once("check", "--output", "json")
            assert code in (0, 1, 2, 3), (code, log)
            cls.looks.append(Look(before, json.loads(output), host()))
        return cls.looks[number]

    @classmethod
    def _make_the_host_differ(cls):
        """Fifty neighbours, some listen overflows, and a table of connections that no container has."""
        # The kernel tracks a network's connections while a rule asks for it; this one decides nothing.
        rule = ["OUTPUT", "-o", "lo", "-m", "conntrack", "--ctstate", "NEW"]
        subprocess.run(["iptables", "--wait", "--append", *rule], check=True)
        cls.addClassCleanup(subprocess.run, ["iptables", "--wait", "--delete", *rule], check=True)
        for number in range(100, 150):
            address = cls.engine.gateway.rsplit(".", 1)[0] + f".{number}"
            subprocess.run(["ip", "neigh", "replace", address, "lladdr", f"02:00:00:00:00:{number:02x}", "dev",
                            cls.engine.bridge, "nud", "permanent"], check=True)
        before = host()["overflows"]
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            clients = []
            for _ in range(8):
                client = socket.socket()
                client.setblocking(False)
                client.connect_ex(listener.getsockname())
                clients.append(client)
            eventually("the host's listen queue overflows", lambda: host()["overflows"] > before, 10)
            for client in clients:
                client.close()

    @staticmethod
    def _talk():
        """A hundred connections that are tracked; the kernel forgets them after half a minute."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for port in range(20000, 20100):
                sender.sendto(b"x", ("127.0.0.1", port))

    def observation(self, kind, measure, target=None, report=None):
        checks = (report or self.report)["checks"]
        found = [o for check in checks if check["check_kind"] == kind for o in check["observations"]
                 if measure in o["measure"] and (target is None or target in (o["target"] or ""))]
        self.assertTrue(found, f"no {measure} of {kind}: {json.dumps(checks)[:3000]}")
        return found[0]

    def agreed(self, key, slack, kind, measure, target=None):
        """What Custos saw in a look in which the host stood still: no further apart than `slack` from the host."""
        looks = []
        for number in range(LOOKS):
            look = self.look(number)
            seen = self.observation(kind, measure, target, look.report)
            values = (look.before[key], seen["value"], look.after[key])
            if max(values) - min(values) <= slack:
                return seen
            looks.append(values)
        self.fail(f"{key}: (host, Custos, host) differ by more than {slack} each time: {looks}")

    def show(self, what, host_says, custos_says, container_has):
        if SHOW:
            print(f"    {what}: host {host_says}, Custos in a container {custos_says}, "
                  f"the container's own {container_has}")

    def test_neighbours(self):
        """S29 the neighbour table is the host's."""
        seen = self.agreed("neigh", 3, "neigh", "entries", "ipv4")
        self.assertEqual(seen["scope"], "host")
        # The kernel's table has one size for all namespaces; what a namespace itself has is what it can list.
        inside = self.engine.run(["sh", "-c", "ip neigh | wc -l"])
        self.addCleanup(inside.remove)
        inside.wait()
        own = int(inside.output()[0])
        self.show("neighbours", self.before["neigh"], seen["value"], own)
        self.assertLess(own + 40, seen["value"])

    def test_listen_overflows(self):
        """S29 the overflow counter is the host's."""
        seen = self.observation("sockstat", "listen_overflows")
        own = table(self.netstat_inside, "TcpExt")["ListenOverflows"]
        self.show("listen overflows", self.before["overflows"], seen, own)
        self.assertEqual(seen["scope"], "host")
        self.assertEqual(own, 0)
        self.assertGreater(self.before["overflows"], 0)
        self.assertTrue(self.before["overflows"] <= seen["value"] <= self.after["overflows"], seen)

    def test_file_descriptors(self):
        seen = self.agreed("files", 1000, "filefd", "filefd_allocated")
        self.show("open files", self.before["files"], seen["value"], "shares the host's")
        self.assertEqual(seen["scope"], "host")

    def test_uptime(self):
        seen = self.observation("uptime", "uptime_seconds")
        self.show("uptime", self.before["uptime"], seen["value"], "shares the host's")
        self.assertTrue(self.before["uptime"] - 1 <= seen["value"] <= self.after["uptime"] + 1, (seen, self.before))

    def test_memory(self):
        """S31 what is available is the host's, not what the container's limit leaves."""
        seen = self.agreed("memory", 256 << 20, "mem", "mem_available")
        self.show("available memory", self.before["memory"], seen["value"], "limited to 64 MiB")
        self.assertEqual(seen["scope"], "host")
        self.assertGreater(seen["value"], 64 << 20)

    def test_processors(self):
        """S31 load and processors are the host's, not the container's share of them."""
        seen = self.agreed("load", 0.2, "cpu", "load_per_core")
        self.show("load per processor", self.before["load"], seen["value"], "shares the host's")
        busy = self.observation("cpu", "cpu_busy")
        self.assertTrue(0 <= busy["value"] <= 1, busy)

    def test_filesystems(self):
        """S30 the host's filesystems, each once; nothing that is mounted in a container only."""
        seen = self.agreed("disk", 0.005, "disk", "disk_used_ratio")
        self.show("used of /", self.before["disk"], seen["value"], "an overlay")
        self.assertEqual((seen["target"], seen["scope"]), ("/", "host"))
        targets = {o["target"] for check in self.report["checks"] if check["check_kind"] == "disk"
                   for o in check["observations"]}
        self.assertEqual([t for t in targets if t.startswith(("/host", "/etc/", "/var/lib/custos"))], [])

    def test_connections(self):
        """S29 tracked connections are the host's."""
        seen = self.agreed("conntrack", 20, "conntrack", "entries")
        own = int(self.conntrack_inside.splitlines()[1].split()[0], 16)
        self.show("tracked connections", self.before["conntrack"], seen["value"], own)
        self.assertEqual(seen["scope"], "host")
        self.assertLess(own + 50, seen["value"])

    def test_the_node_is_not_the_containers_random_name(self):
        """S4 never our own UTS name."""
        self.assertEqual(self.report["node"], "testhost")


if __name__ == "__main__":
    unittest.main()
