"""What goes wrong in the host's network is told with the right numbers, from within its namespace and from another.

Every fault is a real one, in namespaces that the tests make.
"""

import contextlib
import ipaddress
import json
import socket
import unittest

from harness import kernel, shared
from harness.custos import HardenedCustos, once
from harness.host_case import MachineCase
from harness.talker import Talker
from harness.waiting import eventually, throughout


FLOOD = """
import socket, sys
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(int(sys.argv[1])):
    try:
        sender.sendto(b"x", (f"127.0.{number // 40000}.1", 20000 + number % 40000))
    except PermissionError:
        pass
"""


class Case(MachineCase):
    reaches_webhooks = False
    inside = False
    """Whether Custos is on the machine's network, where netlink tells, or in another, where its files do."""

    def talker(self):
        talker = Talker(self.machine)
        self.addCleanup(talker.close)
        self.machine.link(str(talker.process.pid), f"/proc/{talker.process.pid}")
        return talker

    def watching(self, check, **settings):
        """Custos with one check, on the machine's network or in another."""
        under = []
        if self.inside:
            self.machine.link("thread-self", "/proc/thread-self")
            for name in ["ip_local_port_range", "ip_local_reserved_ports"]:
                self.machine.link(f"sys/net/ipv4/{name}", f"/proc/sys/net/ipv4/{name}")
            under = ["nsenter", f"--net=/proc/{self.machine.first.pid}/ns/net", "--"]
        return super().watching(check, under=under, OCCURRENCE_INTERVAL="0s", **settings)

    def heard_with(self, key, part, timeout=20, **fields):
        """The first alert with these fields whose evidence `key` has this part."""
        def fitting():
            return [event for event in self.alerts(**fields) if part in event["annotations"].get(key, "")]
        return eventually(lambda: f"{part} in {[e['annotations'] for e in self.alerts(**fields)]}", fitting,
                          timeout)[0]

    def seen(self):
        """What one look of the same installation sees now, by measure."""
        done = once("check", "--output", "json", environment=self.custos.environment, under=self.custos.under)
        checks = json.loads(done.stdout)["checks"]
        return {seen["measure"]: seen for check in checks for seen in check["observations"]}

    def measures(self):
        return {event["measure"] for event in self.alerts()}


class TCPState:
    def test_connections_that_nobody_closes(self):
        """S29 CLOSE_WAIT in hundreds warns, in thousands alarms; ports and processes are named; closing resolves."""
        talker = self.talker()
        port, other = talker.listen(), talker.listen6()
        talker.ask("close_wait", port, 90)
        self.watching("TCPSTATE", STATES_FOR="500ms")
        throughout("ninety are no trouble", lambda: self.measures() == set(), 1)
        talker.ask("close_wait", port, 200)
        talker.ask("close_wait", other, 30)
        event = self.heard(measure="tcpstate_close_wait", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("host", "warning"))
        self.assertLessEqual(event["value"], 320)
        self.assertIn(f"python3 ({talker.process.pid}): ", event["annotations"]["processes"])
        self.assertRegex(event["annotations"]["ports"], rf"^{port}: \d+")
        self.assertRegex(event["annotations"]["users"], r"^uid 0: \d+$")
        talker.ask("close_wait", port, 1500)
        self.heard(measure="tcpstate_close_wait", reason="severity_changed", severity="critical")
        self.assertEqual(self.seen()["tcpstate_close_wait"]["value"], 1820)
        talker.close()
        self.heard(measure="tcpstate_close_wait", reason="resolved")
        self.assertEqual(self.measures(), {"tcpstate_close_wait"})

    def test_ended_connections_that_pile_up(self):
        """S29 TIME_WAIT in thousands is told, with the port that they were for."""
        talker = self.talker()
        port = talker.listen()
        self.watching("TCPSTATE", STATES_FOR="0s", TIME_WAIT_WARNING="1000", TIME_WAIT_CRITICAL="2500")
        talker.ask("time_wait", port, 2000)
        event = self.heard(measure="tcpstate_time_wait", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("host", "warning"))
        self.assertRegex(event["annotations"]["ports"], rf"^{port}( of the peer)?: \d{{4}}")
        talker.ask("time_wait", port, 1000)
        self.heard(measure="tcpstate_time_wait", reason="severity_changed", severity="critical")
        self.assertEqual(self.seen()["tcpstate_time_wait"]["value"], 3000)
        # A kernel without CONFIG_INET_DIAG_DESTROY ends none: their time is over after a minute.
        self.machine.run("ss", "-K", "state", "time-wait")
        self.heard(measure="tcpstate_time_wait", reason="resolved", timeout=90)

    def test_ports_that_run_out(self):
        """S29 the ephemeral ports towards one destination are counted; a second destination has its own."""
        talker = self.talker()
        port, other = talker.listen(), talker.listen()
        self.machine.run("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40099")
        settings = {} if self.inside else {"PORT_RANGE": "40000-40099"}
        self.watching("TCPSTATE", **settings)
        talker.ask("connect", port, 70)
        talker.ask("connect", other, 50)
        throughout("seventy and fifty are no trouble", lambda: self.measures() == set(), 1)
        talker.ask("connect", port, 15)
        event = self.heard(measure="tcpstate_ports_used_ratio", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("host", "warning"))
        self.assertEqual(event["annotations"]["destination"], f"127.0.0.1:{port}")
        talker.ask("connect", port, 10)
        self.heard(measure="tcpstate_ports_used_ratio", reason="severity_changed", severity="critical")
        self.assertEqual(self.seen()["tcpstate_ports_used_ratio"]["value"], 0.95)
        talker.ask("drop", port)
        self.heard(measure="tcpstate_ports_used_ratio", reason="resolved")


class TCPStateOnTheHostsNetworkTests(TCPState, Case):
    inside = True


class TCPStateFromAnotherNetworkTests(TCPState, Case):
    def test_ports_that_cannot_be_known(self):
        """S29 in a network of its own Custos says that it does not know the host's ephemeral ports."""
        self.watching("TCPSTATE")
        found = self.seen()["tcpstate_ports_used_ratio"]
        self.assertIsNone(found["value"])
        self.assertIn("only on the host's own network", found["because"])


class Sockstat:
    def test_a_queue_that_overflows(self):
        """S29 overflows are told with the port whose queue is full, and only that one."""
        talker = self.talker()
        port, idle = talker.listen(1), talker.listen(1)
        self.watching("SOCKSTAT", OVERFLOW_WITHIN="3s")
        talker.ask("overflow", port, 6)
        event = self.heard_with("listening_ports", f"{port} (ipv4): 2 ", measure="sockstat_listen_overflows_total")
        self.assertEqual((event["target"], event["severity"]), ("host", "warning"))
        self.assertNotIn(str(idle), event["annotations"]["listening_ports"])
        if self.inside:
            self.assertRegex(event["annotations"]["listening_ports"],
                             rf"^{port} \(ipv4\): 2 of 1 waiting(, \d+ dropped)?$")
            self.assertEqual(event["annotations"]["processes"], f"python3 ({talker.process.pid}): 1")
        talker.close()
        self.heard(measure="sockstat_listen_overflows_total", reason="resolved")


class SockstatOnTheHostsNetworkTests(Sockstat, Case):
    inside = True

    def test_memory_of_tcp_near_its_limit(self):
        """S29 TCP's memory is judged on the host's network, against the host's limits."""
        self.machine.write("sys/net/ipv4/tcp_mem", "1000\t2000\t1000000\n")
        self.watching("SOCKSTAT")
        throughout("far from the limit", lambda: self.measures() == set(), 1)
        # What nobody reads takes its place in memory; all namespaces share the count, to which each processor adds
        # when it has another MiB.
        listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        for _ in range(8):
            sender = self.enterContext(socket.create_connection(listener.getsockname()))
            sender.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    sender.send(bytes(1 << 20))
        self.assertGreater(self.seen()["sockstat_tcp_memory_bytes"]["value"], 0)
        self.machine.write("sys/net/ipv4/tcp_mem", "1\t1\t2\n")
        self.heard(measure="sockstat_tcp_memory_ratio", reason="fired", severity="critical")
        self.machine.write("sys/net/ipv4/tcp_mem", "1000\t2000\t1000000\n")
        self.heard(measure="sockstat_tcp_memory_ratio", reason="resolved")


class SockstatFromAnotherNetworkTests(Sockstat, Case):
    pass


class Netif:
    def watching_links(self, **settings):
        self.machine.run("ip", "link", "add", "uplink", "type", "veth", "peer", "name", "far")
        for name in ("uplink", "far"):
            self.machine.run("ip", "link", "set", name, "up")
        if not self.inside:
            # As a container mounts the host's: the one of this network, and no other.
            self.machine.run("umount", "--lazy", "--recursive", "/sys")
            self.machine.run("mount", "-t", "sysfs", "sysfs", "/sys")
            self.environment |= {"HOST_SYS": self.machine.root + "/sys"}
        return self.watching("NETIF", **settings)

    def test_an_interface_that_must_be_up(self):
        """S29 an interface named in `up` is told when its carrier is lost, it is switched off, or it is gone."""
        self.watching_links(UP="uplink", FLAPS_WARNING="off")
        self.assertEqual(self.seen()["netif_required_link"]["state"], "up")
        self.machine.run("ip", "link", "set", "far", "down")
        event = self.heard(measure="netif_required_link", reason="fired")
        self.assertEqual((event["target"], event["severity"], event["state"]),
                         ("uplink", "critical", "lower_layer_down"))
        self.machine.run("ip", "link", "set", "far", "up")
        self.heard(measure="netif_required_link", reason="resolved")
        before = len(self.alerts())
        self.machine.run("ip", "link", "set", "uplink", "down")
        eventually("it is told again", lambda: len(self.alerts()) > before)
        self.assertEqual(self.alerts()[before]["state"], "down")
        self.machine.run("ip", "link", "delete", "uplink")
        eventually("it is gone and still must be up",
                   lambda: self.seen()["netif_required_link"]["state"] == "absent")
        self.assertEqual(self.measures(), {"netif_required_link"})

    def test_a_carrier_that_comes_and_goes(self):
        """S12 a flapping link is told, although it is up whenever somebody looks."""
        self.watching_links(INCLUDE="uplink", FLAPS_WARNING="6")
        for _ in range(4):
            self.machine.run("ip", "link", "set", "far", "down")
            self.machine.run("ip", "link", "set", "far", "up")
        event = self.heard(measure="netif_carrier_changes_total", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("uplink", "warning"))

    def test_packets_that_are_lost_by_an_interface(self):
        """S31 errors of an interface are a rate: some warn, many alarm, and it resolves when they end."""
        self.machine.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
        for command in ["link add tunnel type vxlan id 42 remote 203.0.113.9 dstport 4789",
                        "link set tunnel up", "addr add 10.99.0.1/24 dev tunnel",
                        "neigh add 10.99.0.2 lladdr 02:00:00:00:00:02 dev tunnel nud permanent"]:
            self.machine.run("ip", *command.split())
        self.watching("NETIF", INCLUDE="tunnel", RATE_OVER="2s", ERRORS_WARNING="1", ERRORS_CRITICAL="40")
        throughout("an idle interface is no trouble", lambda: self.measures() == set(), 2)
        send = "import socket, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n" \
               "for _ in range(int(sys.argv[1])): s.sendto(b'x', ('10.99.0.2', 9))"
        self.machine.run("python3", "-c", send, 20)
        event = self.heard(measure="netif_errors_per_second", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("tunnel", "warning"))
        self.machine.run("python3", "-c", send, 1000)
        self.heard(measure="netif_errors_per_second", severity="critical")
        self.heard(measure="netif_errors_per_second", reason="resolved")
        self.assertEqual(self.measures(), {"netif_errors_per_second"})


class NetifOnTheHostsNetworkTests(Netif, Case):
    inside = True


class NetifFromAnotherNetworkTests(Netif, Case):
    def blind(self, **settings):
        """As in a container without the host's sysfs: the one that Custos sees is that of a network of its own."""
        self.machine.run("umount", "--lazy", "--recursive", "/sys")
        self.machine.run("mount", "-t", "sysfs", "sysfs", "/sys")
        return self.watching("NETIF", **settings)

    def test_links_that_cannot_be_seen(self):
        """S29 without the host's sysfs a link is unknown, and never a container's own of the same name."""
        self.blind(UP="lo")
        found = self.seen()["netif_required_link"]
        self.assertEqual((found["target"], found["state"]), ("lo", None))
        self.assertIn("the links of the host cannot be seen: ", found["because"])
        self.assertIn("/sys:/host/sys:ro", found["because"])

    def test_an_interface_that_was_never_there(self):
        """S29 without the host's sysfs it is known all the same that an interface is absent."""
        self.blind(UP="never")
        event = self.heard(measure="netif_required_link", reason="fired")
        self.assertEqual((event["target"], event["state"]), ("never", "absent"))


class NeighTests(Case):
    """The tables are the machine's own, and so is their limit.

    What fills them is permanent and takes nobody's place (Linux 5.0): only the overflow keeps others' neighbours out,
    for as long as it takes to add what is too much and to remove it, which is one command.
    """

    def test_tables_that_fill(self):
        """S29 neighbours of whatever namespace fill the machine's tables, of both protocols, and overflow them."""
        self.machine.run("ip", "link", "add", "wide", "type", "veth", "peer", "name", "far")
        self.machine.run("ip", "link", "set", "wide", "up")
        # The procfs is the real one: netlink is not asked on behalf of a captured tree.
        self.environment = {"HOST_PROC": "/proc", "HOST_ROOT": "/"}
        self.watching("NEIGH", OVERFLOW_WITHIN="3s")
        for family, first in [("ipv4", "10.0.0.1"), ("ipv6", "fd00::1")]:
            with self.subTest(family=family):
                limit = int(kernel.read(f"/proc/sys/net/{family}/neigh/default/gc_thresh3"))
                others = self.entries(family)
                self.assertLess(others, limit * 0.7, "this machine has too many neighbours of its own")
                self.neighbours(first, range(int(limit * 0.81) - others), "permanent")
                event = self.heard(measure="neigh_used_ratio", target=family, reason="fired", severity="warning")
                self.assertTrue(0.79 < event["value"] < 0.9, event)
                self.neighbours(first, range(int(limit * 0.81) - others, int(limit * 0.94) - others), "permanent")
                self.heard(measure="neigh_used_ratio", target=family, severity="critical")
                self.machine.run("ip", "neigh", "flush", "all", "nud", "permanent")
                self.heard(measure="neigh_used_ratio", target=family, reason="resolved")
                self.neighbours(first, range(limit + 100), "reachable", then="ip neigh flush all")
                self.heard(measure="neigh_table_fulls_total", target=family, reason="fired", severity="critical")
                self.heard(measure="neigh_table_fulls_total", target=family, reason="resolved")

    def entries(self, family):
        name = {"ipv4": "arp_cache", "ipv6": "ndisc_cache"}[family]
        return int(kernel.read(f"/proc/net/stat/{name}").splitlines()[1].split()[0], 16)

    def neighbours(self, first, numbers, state, then="true"):
        """Adds as many of them as there is room for, and does `then` at once."""
        first = ipaddress.ip_address(first)
        lines = [f"neigh replace {first + n} lladdr 02:00:00:00:00:01 dev wide nud {state}\n" for n in numbers]
        self.machine.run("sh", "-c", f"ip -force -batch - || true; {then}", input="".join(lines))


class ConntrackTests(Case):
    def test_a_table_that_overflows(self):
        """S29 what the full table dropped is told, as the host's own namespace counted it.

        The limit is the machine's, for each namespace: it stays far above what any of them has.
        """
        limit = "/proc/sys/net/netfilter/nf_conntrack_max"
        self.machine.link("sys/net/netfilter/nf_conntrack_max", limit)
        self.machine.run("iptables", "-A", "INPUT", "-m", "conntrack", "--ctstate", "NEW", "-j", "ACCEPT")
        self.watching("CONNTRACK", DROP_WITHIN="3s")
        room = min(int(kernel.read(limit)), 2 * kernel.tracked_connections() + 500)
        with kernel.changed(limit, room):
            # Whoever sends what is dropped is told so.
            self.machine.run("python3", "-c", FLOOD, room + 200)
            event = eventually("drops are told", lambda: [
                event for event in self.alerts(reason="fired")
                if event["measure"] in ("conntrack_drops_total", "conntrack_early_drops_total")])[0]
            full = self.heard(measure="conntrack_used_ratio", severity="critical")
            self.assertEqual(full["annotations"]["maximum"], str(room))
            self.assertTrue(0.9 < full["value"] < 1.01, full)
        self.heard(measure="conntrack_used_ratio", reason="resolved")
        self.assertEqual((event["target"], event["severity"]), ("host", "warning"))
        self.heard(measure=event["measure"], reason="resolved")


class ContainerTests(unittest.TestCase):
    """The hardened container, in a network of its own and without any privilege, on this very host."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine_with_custos()
        listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        cls.addClassCleanup(listener.close)
        for _ in range(150):
            with socket.create_connection(listener.getsockname()):
                side = listener.accept()[0]
            cls.addClassCleanup(side.close)
        custos = HardenedCustos(cls.engine, cls.engine.socket, {"CUSTOS_NETIF__UP": cls.engine.bridge,
                                                                "CUSTOS_NETIF__INCLUDE": cls.engine.bridge})
        cls.addClassCleanup(custos.close)
        cls.before = received(cls.engine.bridge)
        _, output, log = custos.once("check", "--output", "json")
        cls.after = received(cls.engine.bridge)
        cls.seen = {}
        for check in json.loads(output)["checks"]:
            cls.seen.update({seen["measure"]: seen for seen in check["observations"]})
        assert "netif_received_bytes_total" in cls.seen, (output, log)

    def test_states(self):
        """S29 the host's connections are counted, not the container's, which has none."""
        seen = self.seen["tcpstate_close_wait"]
        self.assertEqual((seen["target"], seen["scope"]), ("host", "host"))
        self.assertTrue(150 <= seen["value"] <= 200, seen)

    def test_ports(self):
        """S29 what cannot be seen is unknown, never the container's own."""
        seen = self.seen["tcpstate_ports_used_ratio"]
        self.assertIsNone(seen["value"])

    def test_interfaces(self):
        """S29 counters come from the host's namespace, links through the host's sysfs."""
        link = self.seen["netif_required_link"]
        # It was, for as long as the container was attached to it.
        self.assertEqual((link["target"], link["state"], link["scope"]), (self.engine.bridge, "up", "host"))
        self.assertTrue(self.before <= self.seen["netif_received_bytes_total"]["value"] <= self.after)


def received(interface):
    with open(f"/sys/class/net/{interface}/statistics/rx_bytes") as file:
        return int(file.read())


if __name__ == "__main__":
    unittest.main()
