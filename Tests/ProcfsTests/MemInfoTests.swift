import Testing

@testable import Procfs

@Suite struct MemInfoTests {
    @Test func amountsAreBytes() throws {
        let memory = try MemInfo(parsing: "MemTotal:       2 kB\nMemFree: x\nMemAvailable:   1 kB\n")
        #expect(memory.total == 2048)
        #expect(memory.available == 1024)
    }

    @Test func kernelsBefore314HaveNoAvailableMemory() throws {
        #expect(try MemInfo(parsing: "MemTotal:       2 kB\n").available == nil)
    }

    @Test(arguments: [
        "", "MemFree: 1 kB\n", "MemTotal: 1\n", "MemTotal: 1 MB\n", "MemTotal: 18446744073709551615 kB\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try MemInfo(parsing: text) }
    }
}
