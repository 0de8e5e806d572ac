import TestSupport
import Testing

@testable import Procfs

@Suite struct CPUTimesTests {
    @Test func allProcessorsAndEachOneAreRead() throws {
        let times = try CPUTimes(
            parsing: """
                cpu  30 2 8 100 5 3 4 6 7 8
                cpu0 10 1 4 50 2 1 2 3 0 0
                cpu7 20 1 4 50 3 2 2 3 7 8
                intr 1 2 3
                cpu_quantum 9

                """
        )
        #expect(times.all == .init(user: 32, system: 8, idle: 100, iowait: 5, interrupts: 7, steal: 6))
        #expect(times.cores.map(\.number) == [0, 7])
        #expect(times.cores[1].ticks.user == 21)
    }

    @Test func kernelsThatDoNotCountStealSay0() throws {
        #expect(try CPUTimes(parsing: "cpu 1 2 3 4 5 6 7\ncpu0 1 2 3 4 5 6 7\n").all.steal == 0)
    }

    @Test func theLargestNumbersAreRead() throws {
        let times = try HostFixture("debian-12", "huge-values").host.cpuTimes()
        #expect(times.all.user == .max)
        #expect(times.all.interrupts == .max)
        #expect(times.cores.map(\.number) == [0, 4_294_967_295])
    }

    @Test(arguments: [
        "", "cpu0 1 2 3 4 5 6 7 8\n", "cpu 1 2 3 4 5 6 7 8\n", "cpu 1 2 3 4 5 6\ncpu0 1 2 3 4 5 6 7\n",
        "cpu 1 2 3 4 5 6 7 -1\ncpu0 1 2 3 4 5 6 7\n", "cpu 1 2 3 4 5 6 7\ncpux 1 2 3 4 5 6 7\n",
        "cpu 1 2 3 4 5 6 7\ncpu4294967296 1 2 3 4 5 6 7\n", "cpu 1 2 3 4 5 6 7\ncpu0 1 2 3 4 5 6 7",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try CPUTimes(parsing: text) }
    }
}
