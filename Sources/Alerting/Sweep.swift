package import Basics

/// Why a check could not look.
package enum CheckError: Error, Sendable, Equatable {
    /// Something that should be readable is not: the check is blind, and says so after `failures` sweeps.
    case degraded(because: String, remedy: String?)
    /// This machine has no such thing; said once, no alert.
    case notApplicable(because: String, remedy: String?)
    /// The check did not finish within its timeout.
    case timedOut(after: Duration)

    package var because: String {
        switch self {
        case .degraded(let because, _), .notApplicable(let because, _): because
        case .timedOut(let span): "did not finish within \(span.text)"
        }
    }

    package var remedy: String? {
        switch self {
        case .degraded(_, let remedy), .notApplicable(_, let remedy): remedy
        case .timedOut: nil
        }
    }
}

/// One run of one check: what it saw, or why it saw nothing.
package struct Sweep: Sendable, Equatable {
    /// How far absence can be trusted.
    package enum Coverage: Sendable, Equatable {
        /// Everything the check watches is in it; what is missing is gone.
        case complete
        /// Only news about the targets named; what is missing means nothing.
        case partial
    }

    package var check: CheckID
    package var at: Timestamp
    /// Monotonic time, for rates.
    package var uptime: Duration
    package var coverage: Coverage
    package var outcome: Result<[Observation], CheckError>
    /// Targets that ended for good (a container destroyed): their alerts resolve as gone at once.
    package var gone: [Target]
    /// Targets that the configuration leaves out, as is only seen now: their alerts resolve at once (S14).
    package var leftOut: [Target]
    /// How long looking took; nil where the sweep was pushed by an event.
    package var took: Duration?

    package init(
        check: CheckID,
        at: Timestamp,
        uptime: Duration,
        coverage: Coverage = .complete,
        outcome: Result<[Observation], CheckError>,
        gone: [Target] = [],
        leftOut: [Target] = [],
        took: Duration? = nil
    ) {
        self.check = check
        self.at = at
        self.uptime = uptime
        self.coverage = coverage
        self.outcome = outcome
        self.gone = gone
        self.leftOut = leftOut
        self.took = took
    }
}
