import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct HostNetlinkTests {
    private static let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))

    @Test func aCapturedTreeIsNotAnsweredForByThisKernel() throws {
        let fixture = try HostFixture()
        #expect(throws: HostFileError.absent(path: "netlink")) { try fixture.host.neighbourTables() }
    }

    @Test("S29 netlink tells a stranger in another namespace the whole machine's tables")
    func tablesAreTheMachines() throws {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        let here = try live.neighbourTables()
        #expect(here.contains { $0.family == .ipv4 && $0.name == "arp_cache" })
        #expect(here.allSatisfy { $0.threshold3 > 0 })
        for isolation in [IsolatedThread.Isolation.network, [.network, .unprivileged]] {
            let there = try IsolatedThread.run(isolation) { try live.neighbourTables() }
            #expect(there.map(\.threshold3) == here.map(\.threshold3))
            #expect(there.map(\.name) == here.map(\.name))
            // Neighbours come and go while the test runs, and the loopback of a new namespace adds its own.
            for (mine, stranger) in zip(here, there) {
                #expect(mine.entries.distance(to: stranger.entries).magnitude <= 64)
                if let mine = mine.tableFulls { #expect(stranger.tableFulls.map { $0 >= mine } == true) }
            }
        }
        let cache = try live.neighbourCache(.ipv4)
        let table = try #require(here.first { $0.family == .ipv4 })
        #expect(Int64(table.entries).distance(to: Int64(cache.entries)).magnitude <= 64)
    }

    @Test func aCapturedTreesSocketsAndLinksAreNotThisKernels() throws {
        let host = try HostFixture("debian-12", "own-network").host
        #expect(host.sharesNetwork == true)
        #expect(!host.asksKernel)
        #expect(try host.links() == nil)
        #expect(try host.listenersWithLimits() == nil)
    }

    @Test("links and sockets are asked for only in the host's own network namespace")
    func othersAreNotAsked() throws {
        let host = try HostFixture.ofThisProcess().host
        #expect(try host.links()?.contains { $0.name == "lo" } == true)
        #expect(try host.listenersWithLimits() != nil)
        let others = try IsolatedThread.run(.network) {
            (try host.links() == nil, try host.listenersWithLimits() == nil)
        }
        #expect(others == (true, true))
    }

    @Test("S29 the files of a namespace and netlink within it count alike", arguments: [false, true])
    func filesAndNetlinkAgree(isIPv6: Bool) throws {
        try IsolatedThread.run(.network) {
            let scene = try TCPScene(closeWait: 3, established: 2, isIPv6: isIPv6)
            defer { scene.close() }
            let question = TCPQuestion([.closeWait, .listen], localPorts: 1...65535)
            let own = NetworkNamespace.process(IsolatedThread.id)
            let files = try Self.live.tcpCensus(question, of: own).value
            let kernel = try Host.census(question)
            #expect(files[.closeWait].services == kernel[.closeWait].services)
            #expect(Set(files[.closeWait].inodes) == Set(kernel[.closeWait].inodes))
            #expect(files[.closeWait].count == 3)
            #expect(files[.listen].count == 1)
            #expect(files.destinations == kernel.destinations)
            #expect(files.fullest?.count == 5)
            #expect(files.fullest?.destination.remote.port == scene.port)
        }
    }
}
