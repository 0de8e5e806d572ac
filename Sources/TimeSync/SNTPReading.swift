package import Basics

/// What a time server says, and what follows for our clock.
///
/// Documents: RFC 5905 §8 (the four timestamps), RFC 4330 §5 (what a client checks).
package struct SNTPReading: Sendable, Equatable {
    /// How much the server's clock is ahead of ours, in seconds; negative where ours is.
    package var offset: Double
    /// How long question and answer were under way, in seconds: the offset is right within half of it.
    package var delay: Double
    /// How many servers away the server's reference clock is, itself included; 16 where it has none.
    package var stratum: Int
    package var leap: LeapWarning
    /// To the reference clock and back, in seconds.
    package var rootDelay: Double
    /// How far the server may be off its reference clock, in seconds.
    package var rootDispersion: Double
    /// Since when the server has not heard from its own source, in seconds; nil where it does not say.
    package var referenceAge: Double?
    /// Its source: a name of four letters for a clock of its own, else eight hexadecimal digits.
    package var reference: String

    /// Whether the server itself has a time to tell.
    package var isSynchronised: Bool {
        // 16 s is the distance at which NTP gives a server up (MAXDIST, MAXDISP).
        leap != .unsynchronised && stratum < 16 && rootDelay / 2 + rootDispersion < 16
    }

    /// By how much the offset may be wrong, in seconds.
    package var uncertainty: Double { (delay + rootDelay) / 2 + rootDispersion }
}

/// Why a time server gave no reading.
package enum SNTPFailure: Error, Sendable, Equatable {
    case noAnswer
    /// Nobody listens there.
    case refused
    /// There is no way to it: the system's error.
    case unreachable(errno: Int32)
    case unresolved
    /// Answers came, and none to the question that was asked.
    case forged
    /// The server asks us to go: `RATE` for more slowly, `DENY` and `RSTR` for ever.
    case kissOfDeath(code: String)
    case malformed(because: String)

    /// As a state's name.
    package var name: String {
        switch self {
        case .noAnswer: "no_answer"
        case .refused: "refused"
        case .unreachable: "unreachable"
        case .unresolved: "unresolved"
        case .forged: "forged"
        case .kissOfDeath: "kiss_of_death"
        case .malformed: "malformed"
        }
    }
}
