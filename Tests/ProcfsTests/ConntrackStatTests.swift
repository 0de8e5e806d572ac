import TestSupport
import Testing

@testable import Procfs

@Suite struct ConntrackStatTests {
    @Test func entriesAreTheTablesAndCountersAddUp() throws {
        let table = try HostFixture().host.conntrackStat()
        #expect(table.scope == .host)
        #expect(table.entries == 0xA000)
        #expect(table.drops == 5)
        #expect(table.earlyDrops == 3)
        #expect(table.failedInserts == 3)
    }

    @Test func columnsMayStandInAnyOrder() throws {
        let table = try ConntrackStat(parsing: "early_drop drop x insert_failed entries\n1 2 zz 3 ff\n1 2 zz 3 fe\n")
        #expect(table == (try ConntrackStat(parsing: "entries drop early_drop insert_failed\nfe 4 2 6\n")))
    }

    @Test func sumsStopAtTheLargestNumber() throws {
        let table = try HostFixture("debian-12", "huge-values").host.conntrackStat()
        #expect(table.entries == .max)
        #expect(table.drops == .max)
    }

    @Test(arguments: [
        "", "entries drop early_drop insert_failed\n", "entries drop early_drop\n1 2 3\n",
        "entries drop early_drop insert_failed\n1 2 3\n", "entries drop early_drop insert_failed\n1 2 3 x\n",
        "entries drop early_drop insert_failed\n1 2 3 10000000000000000\n",
        "entries drop early_drop insert_failed\n1 2 3 4",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try ConntrackStat(parsing: text) }
    }
}
