import Glibc
import Procfs
import TestSupport
import Testing

@testable import Checks

@Suite struct SocketHoldersTests {
    @Test("processes are named with how many sockets they hold, and looked for again when the sockets are others")
    func text() throws {
        let fixture = try HostFixture()
        try fixture.link("proc/412/fd/20", to: "socket:[1]")
        try fixture.link("proc/412/fd/21", to: "socket:[2]")
        try fixture.link("proc/873/fd/20", to: "socket:[3]")
        let holders = SocketHolders()
        let text = try #require(holders.text(of: [1, 2, 3], fixture.host))
        #expect(text.contains("(412): 2, ") && text.hasSuffix("(873): 1"))
        try fixture.remove("proc/873/fd/20")
        try fixture.link("proc/873/fd/20", to: "socket:[9]")
        #expect(holders.text(of: [2, 3], fixture.host) == text)
        #expect(holders.text(of: [3, 8, 9], fixture.host)?.hasSuffix("(873): 1") == true)
        #expect(holders.text(of: [3, 8, 9], fixture.host)?.contains("(412)") == false)
    }

    @Test("where nobody holds them there is nobody to name")
    func nobody() throws {
        #expect(SocketHolders().text(of: [], try HostFixture().host) == nil)
        #expect(SocketHolders().text(of: [77], try HostFixture().host) == nil)
    }

    @Test("S29 where processes may not be looked into, that is said")
    func hidden() throws {
        let fixture = try HostFixture()
        try fixture.link("proc/412/fd/20", to: "socket:[1]")
        try fixture.link("proc/873/fd/20", to: "socket:[2]")
        #expect(chmod(fixture.path("proc/873/fd"), 0o700) == 0)
        func text(_ inodes: Set<UInt64>) throws -> String? {
            try IsolatedThread.run(.unprivileged) { SocketHolders().text(of: inodes, fixture.host) }
        }
        #expect(try text([2]) == "not visible: needs root or CAP_SYS_PTRACE")
        let some = try #require(try text([1, 2]))
        #expect(some.hasSuffix(" (412): 1, others are not visible"))
        #expect(try text([1])?.hasSuffix(" (412): 1") == true)
    }
}
