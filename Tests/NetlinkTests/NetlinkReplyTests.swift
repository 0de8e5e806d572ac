import CLinux
import TestSupport
import Testing

@testable import Netlink

@Suite struct NetlinkReplyTests {
    private static let recorded = NeighbourTableTests.recorded

    @Test func aRecordedReplyIsTakenApart() throws {
        let recording = try Recording(Self.recorded)
        #expect(recording.reply.isDone)
        #expect(!recording.reply.isInterrupted)
        #expect(recording.messages.map(\.type) == [UInt16(RTM_NEWNEIGHTBL), UInt16(RTM_NEWNEIGHTBL)])
        #expect(try Recording([Self.recorded[0], Self.recorded[0], Self.recorded[1]]).messages.count == 4)
    }

    @Test func answersToOtherQuestionsAreSkipped() throws {
        let recording = try Recording(Self.recorded, sequence: 8)
        #expect(recording.messages.isEmpty)
        #expect(!recording.reply.isDone)
    }

    @Test func anInterruptedDumpSaysSo() throws {
        var datagrams = Self.recorded
        datagrams[0][6] |= UInt8(NLM_F_DUMP_INTR)
        #expect(try Recording(datagrams).reply.isInterrupted)
    }

    @Test func aRefusalCarriesItsReason() throws {
        // NLMSG_ERROR with -1 (EPERM).
        let refusal = Recording.bytes("24000000020000000700000000000000ffffffff1400000042000103070000000000000000")
        #expect(try Recording([Array(refusal.prefix(36))]).reply.refusal == 1)
        let empty = Recording.bytes("10000000020000000700000000000000")
        #expect(throws: NetlinkError.self) { try Recording([empty]) }
    }

    @Test(arguments: [0, 3, 15, 40, 376])
    func aTruncatedReplyIsRefused(length: Int) throws {
        let datagram = Array(Self.recorded[0].prefix(length))
        guard length > 0, length < 376 else {
            // Whole messages: nothing wrong in the reply itself.
            #expect(try Recording([datagram]).messages.count == (length == 0 ? 0 : 1))
            return
        }
        #expect(throws: NetlinkError.self) { try Recording([datagram]) }
    }

    @Test("whatever the bytes: refused or understood, never trapped")
    func mutations() {
        var random = SeededGenerator(state: 42)
        var outcome = (understood: 0, refused: 0)
        for _ in 0..<5000 {
            do {
                var bytes = Self.recorded[0]
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                let isCut = Int.random(in: 0...3, using: &random) == 0
                bytes.removeLast(isCut ? Int.random(in: 0...400, using: &random) : 0)
                _ = try NeighbourTableTests.tables([bytes])
                outcome.understood += 1
                for message in try Recording([bytes]).messages {
                    _ = try? NetworkLink(message.payload.span.bytes)
                    _ = try? TCPSocket(message.payload.span.bytes)
                }
            } catch {
                outcome.refused += 1
            }
        }
        #expect(outcome.understood > 0)
        #expect(outcome.refused > 0)
    }
}
