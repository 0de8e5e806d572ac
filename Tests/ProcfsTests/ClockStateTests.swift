import Basics
import CLinux
import Glibc
import TestSupport
import Testing

@testable import Procfs

@Suite struct ClockStateTests {
    private func clock(_ state: Int32, _ status: Int32) -> ClockState {
        ClockState(
            custos_clock(
                state: state,
                status: status,
                offset: -2_500_000,
                frequency: 655_360,
                maximum_error: 16_000_000_000,
                estimated_error: 1000
            )
        )
    }

    @Test("times are in seconds, the frequency in parts per million")
    func units() {
        let state = clock(TIME_OK, STA_PLL | STA_NANO)
        #expect(state.offset == -0.0025)
        #expect(state.maximumError == 16)
        #expect(state.estimatedError == 0.000001)
        #expect(state.frequency == 10)
    }

    @Test("the flag and the state both say that the clock is synchronised")
    func synchronised() {
        #expect(clock(TIME_OK, STA_PLL).isSynchronised)
        #expect(clock(TIME_OK, STA_PLL).leap == .none)
        #expect(!clock(TIME_ERROR, STA_UNSYNC).isSynchronised)
        #expect(!clock(TIME_ERROR, STA_PLL | STA_CLOCKERR).isSynchronised)
        #expect(clock(TIME_ERROR, STA_UNSYNC).leap == .unsynchronised)
        #expect(clock(TIME_INS, STA_PLL | STA_INS).leap == .insert)
        #expect(clock(TIME_DEL, STA_PLL | STA_DEL).leap == .delete)
    }

    @Test("this machine's clock can be read, and not for a captured one")
    func reading() throws {
        let own = try Host(roots: HostRoots(proc: "/proc", sys: "/sys")).clockState()
        #expect(own.maximumError >= 0)
        #expect(abs(own.frequency) <= 500)
        let error = #expect(throws: HostFileError.self) { try HostFixture().host.clockState() }
        #expect(error == .absent(path: "adjtimex(2)"))
    }
}
