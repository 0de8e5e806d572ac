import CLinux
import TestSupport
import Testing

@testable import Procfs

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

    static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.utf8.compactMap(\.hexadecimalDigit)
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    static func reply(_ datagrams: [[UInt8]] = recorded, sequence: UInt32 = 7) throws(HostFileError) -> NetlinkReply {
        var reply = NetlinkReply()
        for datagram in datagrams { try reply.append(datagram, sequence: sequence) }
        return reply
    }

    @Test func aRecordedReplyGivesTheTable() throws {
        let reply = try Self.reply()
        #expect(reply.isDone)
        #expect(reply.messages.count == 2)
        let tables = try NeighbourTable.parse(reply)
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
        let reply = try Self.reply([Self.recorded[0], Self.recorded[0], Self.recorded[1]])
        #expect(reply.messages.count == 4)
        #expect(try NeighbourTable.parse(reply).count == 1)
    }

    @Test func answersToOtherQuestionsAreSkipped() throws {
        let reply = try Self.reply(sequence: 8)
        #expect(reply.messages.isEmpty)
        #expect(!reply.isDone)
    }

    @Test func anInterruptedDumpSaysSo() throws {
        var datagrams = Self.recorded
        datagrams[0][6] |= UInt8(NLM_F_DUMP_INTR)
        #expect(try Self.reply(datagrams).isInterrupted)
        #expect(try !Self.reply().isInterrupted)
    }

    @Test func aRefusalCarriesItsReason() throws {
        // NLMSG_ERROR with -1 (EPERM).
        let refusal = Self.bytes("24000000020000000700000000000000ffffffff1400000042000103070000000000000000")
        #expect(try Self.reply([Array(refusal.prefix(36))]).refusal == 1)
        #expect(throws: HostFileError.self) { try Self.reply([Self.bytes("10000000020000000700000000000000")]) }
    }

    @Test(arguments: [0, 3, 15, 40, 376])
    func aTruncatedReplyIsRefused(length: Int) throws {
        guard length > 0, length < 376 else {
            // Whole messages: nothing wrong in the reply itself, but a table only where one was described.
            let tables = try NeighbourTable.parse(Self.reply([Array(Self.recorded[0].prefix(length))]))
            #expect(tables.count == (length == 0 ? 0 : 1))
            return
        }
        #expect(throws: HostFileError.self) { try Self.reply([Array(Self.recorded[0].prefix(length))]) }
    }

    @Test func aTableWithoutItsLimitIsRefused() throws {
        var datagram = Self.recorded[0]
        // The attribute NDTA_THRESH3 becomes one of a type unknown.
        let limit = try #require((0..<datagram.count - 8).first { Array(datagram[$0..<$0 + 4]) == [8, 0, 4, 0] })
        datagram[limit + 2] = 99
        #expect(throws: HostFileError.self) { try NeighbourTable.parse(Self.reply([datagram])) }
    }

    @Test func wrongLengthsInAttributesAreRefused() throws {
        var datagram = Self.recorded[0]
        datagram[20] = 3
        #expect(throws: HostFileError.self) { try NeighbourTable.parse(Self.reply([datagram])) }
        datagram[20] = 0
        datagram[21] = 0xFF
        #expect(throws: HostFileError.self) { try NeighbourTable.parse(Self.reply([datagram])) }
    }

    @Test func aCapturedTreeIsNotAnsweredForByThisKernel() throws {
        let fixture = try HostFixture()
        #expect(throws: HostFileError.absent(path: "netlink")) { try fixture.host.neighbourTables() }
    }

    @Test("S29 netlink tells a stranger in another namespace the whole machine's tables")
    func tablesAreTheMachines() throws {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        let here = try live.neighbourTables()
        #expect(here.contains { $0.family == .ipv4 && $0.name == "arp_cache" })
        #expect(here.allSatisfy { $0.threshold3 > 0 })
        for isolation in [IsolatedThread.Isolation.network, [.network, .unprivileged]] {
            let there = try IsolatedThread.run(isolation) { try live.neighbourTables() }
            #expect(there.map(\.threshold3) == here.map(\.threshold3))
            #expect(there.map(\.name) == here.map(\.name))
            // Neighbours come and go while the test runs, and the loopback of a new namespace adds its own.
            for (mine, stranger) in zip(here, there) {
                #expect(mine.entries.distance(to: stranger.entries).magnitude <= 64)
                if let mine = mine.tableFulls { #expect(stranger.tableFulls.map { $0 >= mine } == true) }
            }
        }
        let cache = try live.neighbourCache(.ipv4)
        let table = try #require(here.first { $0.family == .ipv4 })
        #expect(Int64(table.entries).distance(to: Int64(cache.entries)).magnitude <= 64)
    }
}
