import TestSupport
import Testing

@testable import Procfs

@Suite struct TaskLimitsTests {
    @Test func theLimitsAreRead() throws {
        let host = try HostFixture().host
        #expect(try host.pidLimit().maximum == 32768)
        #expect(try host.threadLimit().maximum == 192_731)
        #expect(try PIDLimit(parsing: "18446744073709551615\n").maximum == .max)
    }

    @Test(arguments: ["", "\n", "x\n", "-1\n", "12", "18446744073709551616\n"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try PIDLimit(parsing: text) }
        #expect(throws: HostFileError.self) { try ThreadLimit(parsing: text) }
    }

    @Test("who shares the machine's first PID namespace is told by its fixed number")
    func namespaces() throws {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        #expect(live.sharesProcesses == (live.scope == .host))
        #expect(try HostFixture().host.sharesProcesses == nil)
    }
}
