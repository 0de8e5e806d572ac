import Testing

@testable import Procfs

@Suite struct LoadAverageTests {
    @Test func threeAveragesAreRead() throws {
        let load = try LoadAverage(parsing: "0.74 11.80 1.05 5/132 28804\n")
        #expect(load.one == 0.74)
        #expect(load.five == 11.8)
        #expect(load.fifteen == 1.05)
        #expect(load.tasks == 132)
    }

    @Test func theLargestNumbersAreFinite() throws {
        #expect(try LoadAverage(parsing: "18446744073709551615.99 0.00 0.00\n").one.isFinite)
    }

    @Test(arguments: [
        "", "\n", "0.74 1.80\n", "0.74 1.80 1\n", "0.74 1.8 1.30\n", "-0.74 1.80 1.30\n", "0.74 1.80 1.30",
        "0.74 1.80 1.30 5\n",
        "0.74 1.80 1.30 5/x 7\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try LoadAverage(parsing: text) }
    }
}
