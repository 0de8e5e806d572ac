import Basics
import Testing

@testable import Procfs

@Suite struct ProcessStatTests {
    private static let rest = "S 1 412 412 0 -1 4194304 98 0 0 0 7 3 0 0 20 0 3 0 2406863 3133440 361"

    private func stat(_ name: String, _ rest: String = Self.rest) throws -> ProcessStat {
        try ProcessStat(parsing: "412 (\(name)) \(rest)\n")
    }

    @Test func whatTheKernelWritesIsRead() throws {
        let process = try stat("sshd")
        #expect(process.pid == 412)
        #expect(process.name.text == "sshd")
        #expect(process.state == UInt8(ascii: "S"))
        #expect(process.parent == 1)
        #expect(process.threads == 3)
        #expect(process.start == 2_406_863)
        #expect(process.key == ProcessStat.Key(pid: 412, start: 2_406_863))
        #expect(!process.isKernelThread && !process.isZombie && !process.isBlocked)
    }

    @Test(
        "a name may hold blanks, parentheses and escaped line breaks",
        arguments: [
            ("tmux: server", "tmux: server"), ("a) R 1 2 (b", "a) R 1 2 (b"), (")", ")"), ("", ""), ("(((", "((("),
            (#"a\nb"#, "a\u{FFFD}b"), (#"a\\nb"#, #"a\nb"#), ("sd-pam)", "sd-pam)"),
        ]
    )
    func anyName(written: String, shown: String) throws {
        let process = try stat(written)
        #expect(process.name.text == shown)
        #expect(process.start == 2_406_863)
    }

    @Test func aNameOfFifteenBytesMayBeCut() throws {
        #expect(try stat("gnome-shell-cal").name.mayBeCut)
        #expect(try !stat("gnome-shell-ca").name.mayBeCut)
        #expect(try stat("kworker/u8:1-events_unbound").name.text == "kworker/u8:1-ev")
    }

    @Test func aNameIsMatchedWithoutMakingItText() throws {
        let name = try stat("tmux: server").name
        #expect(name.matches(try #require(Glob("tmux*"))))
        #expect(!name.matches(try #require(Glob("tmux"))))
    }

    @Test func partsOfTheKernelAreToldByTheirFlag() throws {
        #expect(try stat("sshd", "S 2 0 0 0 -1 69238880 0 0 0 0 0 0 0 0 20 0 1 0 13 0 0").isKernelThread)
    }

    @Test func aZombieWhoseThreadsLiveOnIsNone() throws {
        #expect(try stat("x", "Z 1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 13 0 0").isZombie)
        #expect(try !stat("x", "Z 1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 5 0 13 0 0").isZombie)
        #expect(try stat("x", "D 1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 5 0 13 0 0").isBlocked)
    }

    @Test func whatComesAfterTheStartMayBeCutOff() throws {
        #expect(try stat("x", "S 1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 5 0 13 98").start == 13)
        #expect(throws: HostFileError.self) { try stat("x", "S 1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 5 0 13") }
    }

    @Test(arguments: [
        "", "\n", "412\n", "412 (x\n", "412 x) S 1\n", ")412 (x S 1\n",
        "(x) S 1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 5 0 13\n",
        "412 (x) S 1\n", "412 (x) SS 1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 5 0 13\n",
        "412 (x) S -1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 5 0 13\n", "412 (x) S 1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 5 0 x\n",
        "4294967296 (x) S 1 0 0 0 -1 4 0 0 0 0 0 0 0 0 20 0 5 0 13\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try ProcessStat(parsing: text) }
    }
}
