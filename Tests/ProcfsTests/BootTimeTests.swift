import Basics
import Testing

@testable import Procfs

@Suite struct BootTimeTests {
    @Test func theMomentIsFoundAmongOtherLines() throws {
        let boot = try BootTime(parsing: "cpu 1 2\nctxt 1\nbtime 1795233488\nprocesses 3\n")
        #expect(boot.at == Timestamp(milliseconds: 1_795_233_488_000))
    }

    @Test(arguments: ["", "cpu 1 2\n", "btime\n", "btime x\n", "btime 18446744073709551615\n"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try BootTime(parsing: text) }
    }
}
