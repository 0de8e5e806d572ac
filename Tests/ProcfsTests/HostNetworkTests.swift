import Glibc
import Netlink
import TestSupport
import Testing

@testable import Procfs

/// A listening socket whose accept queue has overflowed, in the calling thread's network namespace.
private struct OverflowedListener: ~Copyable {
    let port: UInt16
    private var handles: [Int32] = []

    init() throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        handles.append(listener)
        let isBound = Self.with(&address) { bind(listener, $0, size) } == 0 && listen(listener, 0) == 0
        #expect(isBound)
        _ = Self.with(&address) { getsockname(listener, $0, &size) }
        port = UInt16(bigEndian: address.sin_port)
        for _ in 0..<8 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            handles.append(client)
            _ = Self.with(&address) { connect(client, $0, size) }
        }
    }

    deinit { for handle in handles { close(handle) } }

    private static func with<Result>(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
        }
    }
}

@Suite struct HostNetworkTests {
    private static let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))

    @Test func theScopeOfAFixtureIsWhatItsProcessesSay() throws {
        #expect(try HostFixture().host.scope == .host)
        #expect(try HostFixture("debian-12", "container-view").host.scope == .container)
        #expect(try HostFixture("debian-12", "hidepid").host.scope == .unknown)
        #expect(try HostFixture("debian-12", "no-proc").host.scope == .unknown)
        #expect(try HostFixture("debian-12", "container-view").host.netStat(of: .host).scope == .container)
    }

    @Test func aProcessNamedLikeTheKernelsThreadIsNotIt() throws {
        let fixture = try HostFixture()
        try fixture.write("proc/2/status", "Name:\tkthreadd\nPPid:\t1\n")
        #expect(fixture.host.scope == .container)
    }

    @Test func theReadersNamespaceIsToldFromTheHosts() throws {
        #expect(try HostFixture("debian-12", "own-network").host.sharesNetwork == true)
        #expect(try HostFixture().host.sharesNetwork == nil)
        // A tree that the reader's own files were captured into describes no live namespace.
        let fixture = try HostFixture("debian-12", "container-view")
        try fixture.link("proc/thread-self", to: "1")
        #expect(fixture.host.sharesNetwork == false)
    }

    @Test("S27 a container's overflows are counted in its own namespace, not in the host's")
    func overflowsBelongToTheirNamespace() throws {
        let hostBefore = try #require(try Self.live.netStat(of: .host).listenOverflows)
        try IsolatedThread.run(.network) {
            let thread = IsolatedThread.id
            let own = NetworkNamespace.process(thread)
            #expect(try Self.live.netStat(of: own).listenOverflows == 0)
            #expect(try Self.live.socketStat(of: own).tcpInUse == 0)
            let listener = try OverflowedListener()
            let ownOverflows = try #require(try Self.live.netStat(of: own).listenOverflows)
            #expect(ownOverflows > 0)
            // Somebody else's may grow meanwhile, by fewer than ours.
            let hostAfter = try #require(try Self.live.netStat(of: .host).listenOverflows)
            #expect(hostAfter - hostBefore < ownOverflows)
            let queues = try Self.live.listenQueues(of: own).value
            #expect(queues.map(\.port) == [listener.port])
            #expect(queues.first.map { $0.waiting > 0 } == true)
            #expect(try Self.live.socketStat(of: own).tcpInUse > 0)
            #expect(Self.live.networkID(of: own) != Self.live.networkID(of: .host))
            #expect(Self.live.sharesNetwork == false)
            #expect(try Self.live.tcpMemory() == nil)
            if Self.live.scope == .host { #expect(Self.live.scope(of: own) == .container) }
        }
        #expect(Self.live.sharesNetwork == (Self.live.scope == .host))
    }

    @Test("a stranger without capabilities in a namespace of his own reads the host's truth")
    func strangersReadTheHostsTruth() throws {
        let (expected, id) = (try Self.live.netStat(of: .host), Self.live.networkID(of: .host))
        try IsolatedThread.run([.network, .unprivileged]) {
            let seen = try Self.live.netStat(of: .host)
            #expect(seen.scope == expected.scope)
            #expect(seen.listenOverflows.map { $0 >= expected.listenOverflows ?? 0 } == true)
            #expect(Self.live.networkID(of: .host) == id)
            #expect(throws: Never.self) { try Self.live.socketStat(of: .host) }
            #expect(throws: Never.self) { try Self.live.neighbourCache(.ipv4) }
            #expect(throws: Never.self) { try Self.live.listenQueues(of: .host) }
        }
    }

    @Test func aProcessOnTheHostsNetworkHasTheHostsScope() throws {
        let expected = Self.live.scope == .host ? HostScope.host : Self.live.scope
        #expect(Self.live.scope(of: .process(getpid())) == expected)
    }
}
