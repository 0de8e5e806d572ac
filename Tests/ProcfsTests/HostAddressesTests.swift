import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct HostAddressesTests {
    @Test func addressesOnTheWayOutAreFound() throws {
        let host = try HostFixture().host
        #expect(try host.addresses(.ipv4).value == ["192.0.2.2"])
        #expect(try host.addresses(.ipv4).scope == .host)
        // Temporary and link-local ones are left out.
        #expect(try host.addresses(.ipv6).value == ["2001:db8:0:0:0:0:0:2"])
    }

    @Test func theWayOfLeastMetricCounts() throws {
        let fixture = try HostFixture()
        let names = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        try fixture.write(
            "proc/1/net/route",
            names + "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
                + "docker0\t00000000\t010011AC\t0003\t0\t0\t50\t00000000\t0\t0\t0\n"
                + "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        )
        #expect(try fixture.host.addresses(.ipv4).value == ["172.17.0.1"])
        try fixture.write("proc/1/net/route", names)
        #expect(try fixture.host.addresses(.ipv4).value == [])
    }

    /// A host with these routes and these addresses of its own.
    private static func fixture(routes: [String], own: [String]) throws -> HostFixture {
        let fixture = try HostFixture()
        let names = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        try fixture.write("proc/1/net/route", names + routes.map { $0 + "\t0\t0\t0\n" }.joined())
        let local = own.map { "     |-- \($0)\n        /32 host LOCAL\n" }.joined()
        try fixture.write("proc/1/net/fib_trie", "Local:\n  +-- 0.0.0.0/0 3 0 5\n" + local)
        return fixture
    }

    @Test("an address without a network, as some clouds give it, is on the way out; those of bridges are not")
    func onLinkGateway() throws {
        let fixture = try Self.fixture(
            routes: [
                "eth0\t00000000\t01C8A8C0\t0003\t0\t0\t0\t00000000",
                "eth0\t01C8A8C0\t00000000\t0005\t0\t0\t0\tFFFFFFFF",
                "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF",
            ],
            own: ["10.5.0.9", "127.0.0.1", "172.17.0.1"]
        )
        #expect(try fixture.host.addresses(.ipv4).value == ["10.5.0.9"])
    }

    @Test("of networks within each other an address belongs to the smallest")
    func overlap() throws {
        let fixture = try Self.fixture(
            routes: [
                "eth0\t00000000\t010010AC\t0003\t0\t0\t0\t00000000",
                "eth0\t000010AC\t00000000\t0001\t0\t0\t0\t0000F0FF",
                "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF",
            ],
            own: ["172.16.0.5", "127.0.0.1", "172.17.0.1", "10.96.0.1"]
        )
        #expect(try fixture.host.addresses(.ipv4).value == ["172.16.0.5"])
    }

    @Test("a metric beyond 2^31 is printed with a sign, and still the greater one")
    func largeMetrics() throws {
        func route(_ name: String, metric: String) -> String {
            "\(name)\t00000000\t010010AC\t0003\t0\t0\t\(metric)\t00000000"
        }
        let fixture = try Self.fixture(
            routes: [route("eth0", metric: "-16769024"), route("eth1", metric: "2147483647")],
            own: ["127.0.0.1"]
        )
        let routes = try fixture.host.read(IPv4Routes.self)
        #expect(routes.routes.map(\.metric) == [4_278_198_272, 2_147_483_647])
        #expect(routes.toAnywhere?.interface == "eth1")
        for metric in ["-", "-0", "-2147483649", "--1"] {
            let text = "Iface\n" + route("eth0", metric: metric) + "\n"
            #expect(throws: HostFileError.self) { try IPv4Routes(parsing: text) }
        }
    }

    @Test func aMachineWithoutAWayOutHasNoAddresses() throws {
        let fixture = try HostFixture()
        let zeros = String(repeating: "0", count: 32)
        let rejecting = "\(zeros) 00 \(zeros) 00 \(zeros) ffffffff 00000001 00000000 00200200       lo\n"
        try fixture.write("proc/1/net/ipv6_route", rejecting)
        #expect(try fixture.host.addresses(.ipv6).value == [])
        try fixture.write("proc/1/net/ipv6_route", "")
        #expect(try fixture.host.addresses(.ipv6).value == [])
        try fixture.remove("proc/1/net/ipv6_route")
        #expect(throws: HostFileError.absent(path: fixture.path("proc/1/net/ipv6_route"))) {
            try fixture.host.addresses(.ipv6)
        }
    }

    @Test func theRunningKernelIsUnderstood() throws {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        #expect(throws: Never.self) { try live.addresses(.ipv4) }
        #expect(throws: Never.self) { try live.addresses(.ipv6) }
    }

    @Test(arguments: ["empty-files", "truncated"]) func brokenFilesAreRefused(overlay: String) throws {
        let host = try HostFixture("debian-12", overlay).host
        #expect(throws: HostFileError.self) { try host.addresses(.ipv4) }
        if overlay == "truncated" { #expect(throws: HostFileError.self) { try host.addresses(.ipv6) } }
    }

    @Test func anythingElseIsRefused() {
        for text in [
            "x\n", "Iface\neth0 x y\n", "Iface\neth0 00000000 00000000 1 0 0 x 00000000\n", "Iface\neth0 00 00\n",
        ] {
            #expect(throws: HostFileError.self) { try IPv4Routes(parsing: text) }
        }
        for text in ["", "|-- 1.2.3\n", "|-- 1.2.3.256\n", "/32 host LOCAL\n"] {
            #expect(throws: HostFileError.self) { try IPv4Addresses(parsing: text) }
        }
        for text in [
            "x\n", "20010db8000000000000000000000002 02 40 zz 80 eth0\n",
            "20010db8000000000000000000000002 02 40 00 80\n",
        ] {
            #expect(throws: HostFileError.self) { try IPv6Addresses(parsing: text) }
        }
        for text in ["0 00\n", "20010db8000000000000000000000002 00 x 00 x 1 1 1\n"] {
            #expect(throws: HostFileError.self) { try IPv6Routes(parsing: text) }
        }
    }
}
