import Glibc
import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct SocketOwnersTests {
    /// A fixture in which two processes hold sockets.
    private static func fixture() throws -> HostFixture {
        let fixture = try HostFixture()
        try fixture.link("proc/412/fd/7", to: "socket:[5001]")
        try fixture.link("proc/412/fd/8", to: "socket:[5002]")
        try fixture.link("proc/412/fd/9", to: "socket:[50]")
        try fixture.link("proc/873/fd/7", to: "socket:[5003]")
        try fixture.link("proc/873/fd/8", to: "anon_inode:[5003]")
        return fixture
    }

    @Test("the holders of sockets are found, those with most first")
    func found() throws {
        let owners = try Self.fixture().host.owners(ofSockets: [5001, 5002, 5003, 5004])
        #expect(owners.owners.map(\.pid) == [412, 873])
        #expect(owners.owners.map(\.count) == [2, 1])
        #expect(owners.owners.allSatisfy { !$0.name.isEmpty })
        #expect(owners.hidden == 0)
    }

    @Test("nothing is looked for where there is nothing, or where only a container's processes are")
    func nothing() throws {
        #expect(try Self.fixture().host.owners(ofSockets: []) == SocketOwners())
        #expect(try HostFixture("debian-12", "container-view").host.owners(ofSockets: [1]) == SocketOwners())
    }

    @Test("processes that may not be looked into are counted")
    func hidden() throws {
        let fixture = try Self.fixture()
        #expect(chmod(fixture.path("proc/412/fd"), 0o700) == 0)
        let owners = try IsolatedThread.run(.unprivileged) { fixture.host.owners(ofSockets: [5001, 5003]) }
        #expect(owners.owners.map(\.pid) == [873])
        #expect(owners.hidden == 1)
    }
}
