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

    @Test func swapAndCacheAreReadWhereTheyAre() throws {
        let text = "MemTotal: 8 kB\nBuffers: 1 kB\nCached: 2 kB\nSwapTotal: 4 kB\nSwapFree: 3 kB\nShmem: 1 kB\n"
        let memory = try MemInfo(parsing: text)
        #expect(memory.cached == 3072)
        #expect(memory.shared == 1024)
        #expect(memory.swapTotal == 4096)
        #expect(memory.swapFree == 3072)
        #expect(try MemInfo(parsing: "MemTotal: 8 kB\n").swapTotal == nil)
    }

    @Test(arguments: [
        "MemTotal: 1 kB\nSwapTotal: x kB\n", "MemTotal: 1 kB\nSwapFree: 1\n",
        "", "MemFree: 1 kB\n", "MemTotal: 1\n", "MemTotal: 1 MB\n", "MemTotal: 18446744073709551615 kB\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try MemInfo(parsing: text) }
    }
}
