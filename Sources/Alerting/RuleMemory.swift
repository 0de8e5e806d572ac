package import Basics

extension Rule {
    /// What a rule must remember between two observations of one target; survives a restart in the journal.
    package struct Memory: Sendable, Equatable, Codable {
        /// The shape that wrote it; another shape starts afresh (S14).
        package var shape: String
        /// Boot id under which monotonic readings below are valid; across a reboot a rate starts afresh.
        package var bootID: String?
        /// Last counter reading and when, by monotonic time in seconds.
        package var lastValue: Double?
        package var lastUptime: Double?
        /// The baseline of `.changed`, and what it was before.
        package var baseline: String?
        package var formerBaseline: String?
        /// Occurrences within the window: wall-clock moment, how many, and a severity that replaces the rule's.
        package var occurrences: [Occurrence] = []
        /// Points of the trend: monotonic seconds and value.
        package var points: [Point] = []
        /// Whether the rule is in breach, for hysteresis.
        package var breached: Severity?
        /// Since when the condition holds (`holdFor`), by monotonic time in seconds, valid under `bootID`.
        package var holdingSince: Double?
        /// How many occurrences the last observation brought.
        package var freshOccurrences = 0
        /// The quantity that was last judged, where it is not the one observed: a rate, a count within the window.
        package var judged: Double?

        package struct Occurrence: Sendable, Equatable, Codable {
            package var at: Timestamp
            package var count: Int
            package var severity: Severity?

            package init(at: Timestamp, count: Int, severity: Severity? = nil) {
                self.at = at
                self.count = count
                self.severity = severity
            }
        }

        package struct Point: Sendable, Equatable, Codable {
            package var uptime: Double
            package var value: Double

            package init(uptime: Double, value: Double) {
                self.uptime = uptime
                self.value = value
            }
        }

        package init(shape: String) {
            self.shape = shape
        }
    }
}

extension Rule.Memory {
    /// Whether nothing is remembered that a fresh memory would not hold as well.
    var isBlank: Bool {
        lastValue == nil && baseline == nil && breached == nil && holdingSince == nil && occurrences.isEmpty
            && points.isEmpty
    }

    /// Whether more has changed than readings that merely move on with the clock: what is worth a write.
    ///
    /// A rate that finds an older reading after a restart is averaged over a longer time, once.
    func differsLastingly(from other: Rule.Memory) -> Bool {
        lastValue != other.lastValue || breached != other.breached || holdingSince != other.holdingSince
            || baseline != other.baseline || formerBaseline != other.formerBaseline || shape != other.shape
            || bootID != other.bootID || occurrences != other.occurrences || points != other.points
    }

    /// Forgets what is only comparable within one boot.
    mutating func enter(boot: String?) {
        guard bootID != boot else { return }
        bootID = boot
        lastValue = nil
        lastUptime = nil
        points = []
        holdingSince = nil
    }
}
