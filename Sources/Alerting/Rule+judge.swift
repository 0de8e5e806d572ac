package import Basics

extension Rule {
    /// What the rule says of one reading.
    ///
    /// - Parameters:
    ///   - value: What was observed.
    ///   - now: Wall-clock time, for windows of occurrences.
    ///   - uptime: Monotonic time, for rates and trends.
    ///   - bootID: The boot in which `uptime` counts.
    ///   - memory: What the rule remembers of the target.
    /// - Returns: Well, a breach with its reason, or unknown, which keeps an alert as it is.
    package func judge(
        _ value: Observation.Value,
        at now: Timestamp,
        uptime: Duration,
        bootID: String?,
        memory: inout Memory
    ) -> Judgement {
        if memory.shape != shape.word { memory = Memory(shape: shape.word) }
        memory.enter(boot: bootID)
        memory.freshOccurrences = 0
        memory.judged = nil
        if case .unknown(let because) = value { return .unknown(because: because) }
        switch (shape, value) {
        case (.above(let warning, let critical, let clearBelow), .number(let number)):
            return compare(number, Levels(warning, critical), clear: clearBelow, memory: &memory) { $0 > $1 }
        case (.below(let warning, let critical, let clearAbove), .number(let number)):
            return compare(number, Levels(warning, critical), clear: clearAbove, memory: &memory) { $0 < $1 }
        case (.rate(let warning, let critical), .number(let number)):
            return rate(number, Levels(warning, critical), uptime: uptime, memory: &memory)
        case (.trend(let goal, let warning, let critical), .number(let number)):
            return trend(number, reaching: goal, Levels(warning, critical), uptime: uptime, memory: &memory)
        case (.state(let bad), .state(let name)):
            return bad[name].map { .breach($0, because: "state is \(name.safe(limit: 100))") } ?? .ok
        case (.became(let bad), .state(let name)):
            return became(name, bad, memory: &memory)
        case (.changed(let severity), .number(let number)):
            return changed(number.plain, severity, at: now, memory: &memory)
        case (.changed(let severity), .state(let name)):
            return changed(name, severity, at: now, memory: &memory)
        case (.occurred(let least, let window, let severity), .occurrences(let count, let own)):
            note(max(0, count), own, at: now, within: window, memory: &memory)
            return occurred(least, severity, within: window, memory: &memory)
        case (.occurred(let least, let window, let severity), .number(let total)):
            guard total.isFinite else { return Self.notANumber }
            note(growth(to: total, memory: &memory), nil, at: now, within: window, memory: &memory)
            return occurred(least, severity, within: window, memory: &memory)
        default:
            return .unknown(because: "a rule of the shape \(shape.word) cannot judge \(value.kind)")
        }
    }

    /// Whether a breach has lasted as long as `holdFor` asks (S11); counts by monotonic time within one boot (S14).
    ///
    /// An unknown reading neither starts nor ends the span.
    func holds(_ judgement: Judgement, uptime: Duration, policy: AlertPolicy, memory: inout Memory) -> Bool {
        switch judgement {
        case .unknown: return false
        case .ok:
            memory.holdingSince = nil
            return false
        case .breach:
            let span = shape.countsMoments ? .zero : holdFor ?? policy.holdFor
            guard span > .zero else { return true }
            let now = uptime.inSeconds
            let since = memory.holdingSince.map { min($0, now) } ?? now
            memory.holdingSince = since
            return now - since >= span.inSeconds
        }
    }

    /// The last state that was well is the baseline; what was bad from the first on is one too.
    private func became(_ name: String, _ bad: [String: Severity], memory: inout Memory) -> Judgement {
        let name = name.safe(limit: 200)
        if let severity = bad[name], let former = memory.baseline, bad[former] == nil {
            memory.breached = severity
            return .breach(severity, because: "was \(former), is \(name)")
        }
        memory.baseline = name
        memory.breached = nil
        return .ok
    }

    private func compare(
        _ number: Double,
        _ levels: Levels<Double>,
        clear: Double?,
        memory: inout Memory,
        exceeds: (Double, Double) -> Bool
    ) -> Judgement {
        guard number.isFinite else { return Self.notANumber }
        let side = exceeds(1, 0) ? "above" : "below"
        if let (severity, threshold) = levels.worst(where: { exceeds(number, $0) }) {
            memory.breached = severity
            let text = "\(measure.unit.text(number)) is \(side) \(measure.unit.text(threshold))"
            return .breach(severity, because: text)
        }
        if memory.breached != nil, let clear, let (least, _) = levels.least, exceeds(number, clear) {
            memory.breached = least
            let text = "\(measure.unit.text(number)) is still \(side) \(measure.unit.text(clear)), where it clears"
            return .breach(least, because: text)
        }
        memory.breached = nil
        return .ok
    }

    static let notANumber = Judgement.unknown(because: "the value is not a number")
}

/// A warning and a critical level, either of which may be off.
struct Levels<Value> {
    private let ranked: [(severity: Severity, level: Value)]

    init(_ warning: Value?, _ critical: Value?) {
        ranked = [critical.map { (.critical, $0) }, warning.map { (.warning, $0) }].compactMap(\.self)
    }

    /// The worst level that `applies`.
    func worst(where applies: (Value) -> Bool) -> (Severity, Value)? {
        ranked.first { applies($0.level) }.map { ($0.severity, $0.level) }
    }

    var least: (Severity, Value)? { ranked.last.map { ($0.severity, $0.level) } }

    subscript(severity: Severity?) -> Value? {
        (ranked.first { $0.severity == severity } ?? ranked.last)?.level
    }
}

extension Rule.Shape {
    /// Judges moments over a window of its own, so that a span to hold makes no sense (S11).
    var countsMoments: Bool {
        switch self {
        case .changed, .occurred: true
        case .above, .below, .rate, .trend, .state, .became: false
        }
    }
}

extension Observation.Value {
    /// Its kind in words.
    var kind: String {
        switch self {
        case .number: "a number"
        case .state: "a state"
        case .occurrences: "occurrences"
        case .unknown: "nothing"
        }
    }
}
