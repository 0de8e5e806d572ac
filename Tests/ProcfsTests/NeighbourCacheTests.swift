import Testing

@testable import Procfs

@Suite struct NeighbourCacheTests {
    @Test func entriesAreTheTablesAndCountersAreSummedOverProcessors() throws {
        let text = "entries  allocs table_fulls\n0000000a 00000001 00000002\n0000000a 00000000 00000010\n"
        let cache = try IPv4NeighbourCache(parsing: text).cache
        #expect(cache.entries == 10)
        #expect(cache.tableFulls == 18)
        #expect(try IPv6NeighbourCache(parsing: text).cache == cache)
    }

    @Test func olderKernelsDoNotCountFullTables() throws {
        #expect(try IPv4NeighbourCache(parsing: "entries allocs\n00000002 1\n").cache.tableFulls == nil)
    }

    @Test func sumsStayWithinTheirBounds() throws {
        let text = "entries table_fulls\n1 ffffffffffffffff\n1 ffffffffffffffff\n"
        #expect(try IPv4NeighbourCache(parsing: text).cache.tableFulls == .max)
    }

    @Test(arguments: [
        "", "entries table_fulls\n", "allocs table_fulls\n1 2\n", "entries table_fulls\n1\n", "entries\nx\n",
        "entries table_fulls\n1 2\n1 \n", "entries\n10000000000000000\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try IPv4NeighbourCache(parsing: text) }
        #expect(throws: HostFileError.self) { try IPv6NeighbourCache(parsing: text) }
    }
}
