import Testing

@testable import Procfs

@Suite struct FileHandlesTests {
    @Test func allThreeNumbersAreRead() throws {
        let handles = try FileHandles(parsing: "484\t0\t2466193\n")
        #expect(handles.allocated == 484)
        #expect(handles.unused == 0)
        #expect(handles.maximum == 2_466_193)
        #expect(!handles.isUnlimited)
    }

    @Test(arguments: ["9223372036854775807", "18446744073709551615"])
    func whatSystemdSetsIsNoLimit(maximum: String) throws {
        #expect(try FileHandles(parsing: "484\t0\t\(maximum)\n").isUnlimited)
    }

    @Test(arguments: ["", "\n", "1 2\n", "1 2 -3\n", "1 2 x\n", "1 2 18446744073709551616\n", "1 2 3"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try FileHandles(parsing: text) }
    }
}
