import Testing

@testable import Procfs

@Suite struct CPUSharesTests {
    private let zero = CPUTimes.Ticks(user: 0, system: 0, idle: 0, iowait: 0, interrupts: 0, steal: 0)

    @Test func sharesAreOfTheTimeBetweenTheReadings() throws {
        let present = CPUTimes.Ticks(user: 50, system: 10, idle: 20, iowait: 5, interrupts: 10, steal: 5)
        let shares = try #require(CPUShares(from: zero, to: present, least: 100))
        #expect(abs(shares.busy - 0.75) < 1e-12)
        #expect(shares.iowait == 0.05)
        #expect(shares.steal == 0.05)
        #expect(shares.user == 0.5)
        #expect(shares.system == 0.2)
    }

    @Test func readingsTooCloseTogetherHaveNone() {
        var present = zero
        present.user = 19
        #expect(CPUShares(from: zero, to: present, least: 20) == nil)
        #expect(CPUShares(from: zero, to: zero, least: 0) == nil)
    }

    @Test func aCounterThatCountsBackwardsIsNoTime() throws {
        var former = zero
        former.iowait = 500
        var present = zero
        (present.user, present.idle, present.iowait) = (30, 70, 400)
        let shares = try #require(CPUShares(from: former, to: present, least: 1))
        #expect(shares.busy == 0.3)
        #expect(shares.iowait == 0)
    }

    @Test func theLargestNumbersAreShares() throws {
        let most = CPUTimes.Ticks(user: .max, system: .max, idle: .max, iowait: .max, interrupts: .max, steal: .max)
        let shares = try #require(CPUShares(from: zero, to: most, least: 1))
        #expect((0...1).contains(shares.busy))
    }
}
