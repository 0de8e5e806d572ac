import CLinux
import SystemPackage
import Testing

@testable import Netlink

@Suite struct NetlinkTests {
    /// The replies of a kernel whose list changes while it is told, so many times.
    private static func reply(isInterrupted: Bool) throws(NetlinkError) -> NetlinkReply {
        var datagrams = NeighbourTableTests.recorded
        if isInterrupted { datagrams[0][6] |= UInt8(NLM_F_DUMP_INTR) }
        return try Recording(datagrams).reply
    }

    @Test("a list that changed while it was told is asked for again, from the beginning, with another number")
    func interrupted() throws {
        var (begun, asked) = (0, [] as [UInt32])
        try Netlink.untilWhole {
            begun += 1
        } ask: { sequence throws(NetlinkError) in
            asked.append(sequence)
            return try Self.reply(isInterrupted: asked.count < 3)
        }
        #expect(asked == [1, 2, 3])
        #expect(begun == 3)
    }

    @Test("one that changes each time is no list: after four times that is said")
    func neverWhole() {
        var asked = 0
        #expect(throws: NetlinkError.failed(.interrupted)) {
            try Netlink.untilWhole {
            } ask: { _ throws(NetlinkError) in
                asked += 1
                return try Self.reply(isInterrupted: true)
            }
        }
        #expect(asked == 4)
    }

    @Test("what fails is not asked for again")
    func failing() {
        var asked = 0
        #expect(throws: NetlinkError.denied) {
            try Netlink.untilWhole {
            } ask: { _ throws(NetlinkError) in
                asked += 1
                throw .denied
            }
        }
        #expect(asked == 1)
    }
}
