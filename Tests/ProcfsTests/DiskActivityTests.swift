import Testing

@testable import Procfs

@Suite struct DiskActivityTests {
    private func device(
        reads: UInt64 = 0,
        _ readTime: UInt64 = 0,
        writes: UInt64 = 0,
        _ writeTime: UInt64 = 0,
        inFlight: UInt64 = 0,
        busy: UInt64 = 0,
        others: UInt64 = 0
    ) -> DiskStats.Device {
        DiskStats.Device(
            name: "sda",
            reads: reads,
            readTime: readTime,
            writes: writes,
            writeTime: writeTime,
            inFlight: inFlight,
            busyTime: busy,
            others: others
        )
    }

    @Test func theTimeIsSharedAmongWhatEnded() throws {
        let first = device(reads: 100, 1000, writes: 50, 500, busy: 100)
        let second = device(reads: 130, 1600, writes: 60, 900, inFlight: 3, busy: 15100)
        let activity = try #require(DiskActivity(from: first, to: second, over: 30))
        #expect(activity.count == 40)
        #expect(activity.awaitSeconds == 0.025)
        #expect(activity.readSeconds == 0.6 && activity.writeSeconds == 0.4)
        #expect(activity.busy == 0.5)
        #expect(activity.inFlight == 3 && !activity.isStalled)
    }

    @Test func whatWasIdleTookNoTime() throws {
        let idle = try #require(DiskActivity(from: device(reads: 5, 9), to: device(reads: 5, 9), over: 30))
        #expect(idle.awaitSeconds == nil && idle.busy == 0 && !idle.isStalled)
    }

    @Test("times start again at 0 after 32 bits, counters do not")
    func timesWrap() throws {
        let range: UInt64 = 1 << 32
        let first = device(reads: 10, range - 400, writes: 0, 0, busy: range - 1)
        let second = device(reads: 20, 600, writes: 0, 0, busy: 2999)
        let activity = try #require(DiskActivity(from: first, to: second, over: 30))
        #expect(activity.awaitSeconds == 0.1)
        #expect(activity.busy == 0.1)
        #expect(DiskActivity(from: device(reads: 10, 7), to: device(reads: 9, 8), over: 30) == nil)
        #expect(DiskActivity(from: device(writes: 10), to: device(writes: 1), over: 30) == nil)
        #expect(DiskActivity(from: device(others: 10), to: device(others: 1), over: 30) == nil)
    }

    @Test func noTimeBetweenIsNoActivity() {
        #expect(DiskActivity(from: device(), to: device(), over: 0) == nil)
    }

    @Test func ioUnderWayAllTheTimeIsStalled() throws {
        let stuck = device(reads: 5, 9, inFlight: 2)
        #expect(try #require(DiskActivity(from: stuck, to: stuck, over: 30)).isStalled)
        let flushed = device(reads: 5, 9, inFlight: 2, others: 1)
        #expect(try !#require(DiskActivity(from: stuck, to: flushed, over: 30)).isStalled)
        let begun = device(reads: 5, 9)
        #expect(try !#require(DiskActivity(from: begun, to: stuck, over: 30)).isStalled)
    }

    @Test func theLargestNumbersAreFinite() throws {
        let most = device(reads: .max, .max, writes: .max, .max, inFlight: .max, busy: .max, others: .max)
        let activity = try #require(DiskActivity(from: device(), to: most, over: 30))
        #expect(activity.count == .max && activity.busy == 1)
        #expect(try #require(activity.awaitSeconds).isFinite)
        #expect(try #require(DiskActivity(from: most, to: most, over: 30)).count == 0)
    }
}
