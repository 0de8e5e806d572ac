package import Basics

/// Turns observations of one measure into judgements.
///
/// Data, not code: checks declare rules and judge nothing.
package struct Rule: Sendable, Equatable {
    /// What counts as a breach.
    package enum Shape: Sendable, Equatable {
        /// Greater than; what fires clears when it is less than its level by more than `hysteresis`, or where there is
        /// none, at the level itself.
        case above(warning: Double?, critical: Double?, hysteresis: Double = 0)
        /// Less than; clears when it is greater by more than `hysteresis`.
        case below(warning: Double?, critical: Double?, hysteresis: Double = 0)
        /// A counter's growth per second of monotonic time, greater than. Reset and first reading give no judgement.
        case rate(warning: Double?, critical: Double?)
        /// The present trend reaches a value within the span.
        case trend(reaching: Double, warning: Duration?, critical: Duration?)
        /// A state with a severity is a breach; states not listed are well.
        case state(bad: [String: Severity])
        /// A state with a severity is a breach for as long as it lasts, unless it was so when first seen.
        case became(bad: [String: Severity])
        /// The state or number differs from the one kept: an occurrence of ten minutes (S13).
        case changed(Severity)
        /// At least so many occurrences (or growth of a counter) within the sliding window (S12).
        case occurred(atLeast: Int, within: Duration, Severity)
    }

    package var measure: Measure
    package var shape: Shape
    /// How long the condition must last before it fires; nil takes the policy's, which may outrank it.
    package var holdFor: Duration?
    /// A name that tells several rules of one shape on one measure apart; part of the rule memory's key.
    package var name: String

    package init(_ measure: Measure, _ shape: Shape, holdFor: Duration? = nil, name: String? = nil) {
        self.measure = measure
        self.shape = shape
        self.holdFor = holdFor
        self.name = name ?? shape.word
    }
}

extension Rule {
    /// The same rule with a target's own levels, where it has any; it then clears at the levels themselves.
    func with(_ own: Observation.OwnLevels?) -> Rule {
        guard let own else { return self }
        var rule = self
        switch shape {
        case .above: rule.shape = .above(warning: own.warning, critical: own.critical)
        case .below: rule.shape = .below(warning: own.warning, critical: own.critical)
        case .rate, .trend, .state, .became, .changed, .occurred: break
        }
        return rule
    }
}

extension Rule.Shape {
    /// The shape's name: rule memory of another shape is not reused (S14).
    package var word: String {
        switch self {
        case .above: "above"
        case .below: "below"
        case .rate: "rate"
        case .trend: "trend"
        case .state: "state"
        case .became: "became"
        case .changed: "changed"
        case .occurred: "occurred"
        }
    }
}

/// What a rule says of one observation.
package enum Judgement: Sendable, Equatable {
    case ok
    case breach(Severity, because: String)
    case unknown(because: String)
}
