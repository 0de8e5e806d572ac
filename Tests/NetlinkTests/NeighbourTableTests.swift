import CLinux
import TestSupport
import Testing

@testable import Netlink

@Suite struct NeighbourTableTests {
    /// What Linux 6.18 answered, with two messages about devices left standing, then the end of the dump.
    static let recorded: [[UInt8]] = [
        bytes(
            """
            780100004000020007000000792f0000020000000e0001006172705f63616368650000000c00080030750000000000000800
            020080000000080003000002000008000400000400002400050004005001020000003c1d1300b4fc0200175dbb1f07000000
            00000000000000005c0007000300000000000000010000000000000000000000000000000000000000000000090000000000
            0000010000000000000000000000000000000000000000000000500000000000000000000000000000000000000000000000
            b000060008000200010000000800100000400300080008006500000008000e0040000000080009000000000008000a000300
            000008000b000300000008001100000000000c000300985f0000000000000c00040030750000000000000c00060060ea0000
            000000000c00070088130000000000000c000500e8030000000000000c000c00e8030000000000000c000d00200300000000
            00000c000f00e8030000000000000c0013008813000000000000dc0000004000020007000000792f0000020000000e000100
            6172705f6361636865000000b800060008000100000000000800020001000000080010000040030008000800650000000800
            0e0040000000080009000000000008000a000300000008000b000300000008001100000000000c0003006c84000000000000
            0c00040030750000000000000c00060060ea0000000000000c00070088130000000000000c000500e8030000000000000c00
            0c00e8030000000000000c000d0020030000000000000c000f00e8030000000000000c0013008813000000000000
            """
        ),
        bytes("140000000300020007000000792f000000000000"),
    ]

    static func tables(_ datagrams: [[UInt8]] = recorded) throws(NetlinkError) -> [NeighbourTable] {
        var tables: [NeighbourTable] = []
        for message in try Recording(datagrams).messages {
            try NeighbourTable.add(message.type, message.payload.span.bytes, to: &tables)
        }
        return tables
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] { Recording.bytes(hexadecimal) }

    @Test func aRecordedReplyGivesTheTable() throws {
        let tables = try Self.tables()
        #expect(tables.count == 1)
        let table = try #require(tables.first)
        #expect(table.family == .ipv4)
        #expect(table.name == "arp_cache")
        #expect(table.entries == 2)
        #expect(table.threshold1 == 128)
        #expect(table.threshold2 == 512)
        #expect(table.threshold3 == 1024)
        #expect(table.tableFulls == 0)
    }

    @Test("a table told again, as a machine with many devices does it, is one table")
    func aTableToldAgainIsOneTable() throws {
        #expect(try Self.tables([Self.recorded[0], Self.recorded[0], Self.recorded[1]]).count == 1)
    }

    @Test func aTableWithoutItsLimitIsRefused() throws {
        var datagram = Self.recorded[0]
        // The attribute NDTA_THRESH3 becomes one of a type unknown.
        let limit = try #require((0..<datagram.count - 8).first { Array(datagram[$0..<$0 + 4]) == [8, 0, 4, 0] })
        datagram[limit + 2] = 99
        #expect(throws: NetlinkError.self) { try Self.tables([datagram]) }
    }

    @Test func wrongLengthsInAttributesAreRefused() throws {
        var datagram = Self.recorded[0]
        datagram[20] = 3
        #expect(throws: NetlinkError.self) { try Self.tables([datagram]) }
        datagram[20] = 0
        datagram[21] = 0xFF
        #expect(throws: NetlinkError.self) { try Self.tables([datagram]) }
    }

    @Test("both protocols' tables of this machine have limits")
    func live() throws {
        let table = try #require(try NeighbourTable.all(.ipv4).first)
        #expect(table.name == "arp_cache" && table.threshold3 > 0 && table.family == .ipv4)
        #expect(try NeighbourTable.all(.ipv6).allSatisfy { $0.family == .ipv6 && $0.threshold3 > 0 })
    }
}
