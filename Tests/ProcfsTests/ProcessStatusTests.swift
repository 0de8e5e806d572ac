import Testing

@testable import Procfs

@Suite struct ProcessStatusTests {
    @Test func nameAndParentAreRead() throws {
        let status = try ProcessStatus(parsing: "Name:\ttmux: server\nState:\tS (sleeping)\nPPid:\t7\n")
        #expect(status.name == "tmux: server")
        #expect(status.parent == 7)
    }

    @Test func theEffectiveUserCounts() throws {
        let status = try ProcessStatus(parsing: "Name:\tx\nPPid:\t7\nUid:\t1000\t33\t0\t0\nmore\n")
        #expect(status.user == 33)
        #expect(try ProcessStatus(parsing: "Name:\tx\nPPid:\t7\n").user == nil)
        #expect(throws: HostFileError.self) { try ProcessStatus(parsing: "Name:\tx\nPPid:\t7\nUid:\t0\tx\n") }
    }

    @Test func aNameCannotActOnATerminal() throws {
        #expect(try ProcessStatus(parsing: "Name:\t\u{1B}[31mx\nPPid:\t0\n").name == "\u{FFFD}[31mx")
    }

    @Test(arguments: ["", "Name:\tx\n", "PPid:\t1\n", "Name:\tx\nPPid:\tx\n"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try ProcessStatus(parsing: text) }
    }
}
