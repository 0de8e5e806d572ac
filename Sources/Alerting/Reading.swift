package import Basics

/// The latest observation of one measure of one target, and what was made of it: for the report and for metrics.
package struct Reading: Sendable, Equatable {
    package var check: CheckID
    package var observation: Observation
    /// The worst of what its rules say, whether or not the condition has held long enough to fire.
    package var judgement: Judgement
    /// Whether a breach must hold longer before it fires.
    package var isPending: Bool
    package var threshold: String?
    /// For how many sweeps in a row it has been in breach, also before a restart; 0 when well.
    package var streak = 0
    package var at: Timestamp

    /// The status of the reading alone.
    package var status: CheckStatus { observation.isOutOfSight ? .notApplicable : CheckStatus(judgement) }

    /// An entry of the report's `observations`, complete in itself.
    package var json: JSON {
        let (value, state) = observation.value.parts
        return .object([
            .init("check", .string(check.description)),
            .init("check_kind", .string(check.kind)),
            .init("target", .string(observation.target.name.safe(limit: 256))),
            .init("measure", .string(observation.measure.name)),
            .init("unit", .string(observation.measure.unit.rawValue)),
            .init("value", .number(value)),
            .init("state", .string(state?.safe(limit: 256))),
            .init("scope", .string(observation.scope.rawValue)),
            .init("judgement", .string(status.rawValue)),
            .init("pending", .bool(isPending)),
            .init("streak", .integer(Int64(streak))),
            .init("threshold", .string(threshold)),
            .init("because", .string(judgement.because?.safe(limit: 512))),
        ])
    }
}

extension Judgement {
    /// The reason of a breach or of knowing nothing.
    package var because: String? {
        switch self {
        case .ok: nil
        case .breach(_, let because), .unknown(let because): because
        }
    }

    /// The severity of a breach.
    package var severity: Severity? {
        if case .breach(let severity, _) = self { severity } else { nil }
    }

    /// Breach before unknown before well: what is not known is not well.
    func isWorse(than other: Judgement) -> Bool {
        switch (self, other) {
        case (.breach(let mine, _), .breach(let theirs, _)): mine > theirs
        case (.breach, _), (.unknown, .ok): true
        case (.ok, _), (.unknown, _): false
        }
    }
}

extension Observation.Value {
    /// Number and state as separate fields: never one field of two types (S8).
    package var parts: (number: Double?, state: String?) {
        switch self {
        case .number(let number): (number.isFinite ? number : nil, nil)
        case .state(let name): (nil, name)
        case .occurrences(let count, _): (Double(count), nil)
        case .unknown: (nil, nil)
        }
    }
}
