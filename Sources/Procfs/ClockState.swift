package import Basics
import CLinux
import Glibc
import SystemPackage

/// What the kernel says of its own clock.
///
/// Document: adjtimex(2), `include/uapi/linux/timex.h`. The clock is one for the whole machine: no namespace has its own.
/// Whoever disciplines it (chronyd, ntpd, timesyncd) tells the kernel; without news the kernel lets the maximum error
/// grow by 500 µs a second and calls the clock unsynchronised at 16 s.
package struct ClockState: Sendable, Equatable {
    /// Whether somebody disciplines the clock: not `STA_UNSYNC`, not `TIME_ERROR`.
    package var isSynchronised: Bool
    /// What is left to correct, in seconds; positive where the clock is slow.
    package var offset: Double
    /// How far the clock is off as its discipline guesses, in seconds.
    package var estimatedError: Double
    /// How far the clock is off at most, in seconds.
    package var maximumError: Double
    /// By how much the clock is made faster, in parts per million.
    package var frequency: Double
    package var leap: LeapWarning

    init(_ facts: custos_clock) {
        isSynchronised = facts.status & STA_UNSYNC == 0 && facts.state != TIME_ERROR
        offset = Double(facts.offset) / 1e9
        estimatedError = Double(facts.estimated_error) / 1e9
        maximumError = Double(facts.maximum_error) / 1e9
        frequency = Double(facts.frequency) / 65536
        leap =
            switch facts.status & (STA_INS | STA_DEL) {
            case STA_INS: .insert
            case STA_DEL: .delete
            default: isSynchronised ? .none : .unsynchronised
            }
    }
}

extension Host {
    /// The kernel's clock.
    ///
    /// - Throws: `.denied` where a seccomp profile forbids the call, `.absent` for a captured tree.
    package func clockState() throws(HostFileError) -> ClockState {
        let path = "adjtimex(2)"
        // A captured tree is another machine, and this kernel must not answer for it; a forgotten mount is not.
        guard custos_is_procfs(roots.proc) == 1 || !isMounted(.proc) else { throw .absent(path: path) }
        var facts = custos_clock()
        switch custos_read_clock(&facts) {
        case 0: return ClockState(facts)
        case EPERM, EACCES, ENOSYS:
            throw .denied(
                path: path,
                hint: "a seccomp profile forbids adjtimex: allow it, or set ntp.servers"
            )
        case let errno: throw .unreadable(path: path, errno: Errno(rawValue: errno))
        }
    }
}
