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
        case (.above(let warning, let critical, let hysteresis), .number(let number)):
            return above(number, Levels(warning, critical), hysteresis, memory: &memory)
        case (.below(let warning, let critical, let hysteresis), .number(let number)):
            return below(number, Levels(warning, critical), hysteresis, memory: &memory)
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
    /// An unknown reading neither starts nor ends the span. Hysteresis is for what fires: while the span lasts, the
    /// level itself ends a breach.
    func holds(_ judgement: Judgement, uptime: Duration, policy: AlertPolicy, memory: inout Memory) -> Bool {
        switch judgement {
        case .unknown: return false
        case .ok:
            memory.holdingSince = nil
            return false
        case .breach:
            let span = shape.countsMoments ? .zero : policy.holdForOutranks ? policy.holdFor : holdFor ?? policy.holdFor
            guard span > .zero else { return true }
            let now = uptime.inSeconds
            let since = memory.holdingSince.map { min($0, now) } ?? now
            memory.holdingSince = since
            let isHeld = now - since >= span.inSeconds
            if !isHeld, shape.hasHysteresis { memory.breached = nil }
            return isHeld
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

    private func above(
        _ number: Double,
        _ levels: Levels<Double>,
        _ hysteresis: Double,
        memory: inout Memory
    ) -> Judgement {
        compare(number, levels, clearsAt: { $0 - hysteresis }, "above", memory: &memory) { $0 > $1 }
    }

    private func below(
        _ number: Double,
        _ levels: Levels<Double>,
        _ hysteresis: Double,
        memory: inout Memory
    ) -> Judgement {
        compare(number, levels, clearsAt: { $0 + hysteresis }, "below", memory: &memory) { $0 < $1 }
    }

    /// A severity that fires stays until the value has left its level's band, so that a value which trembles around a
    /// level is told once.
    private func compare(
        _ number: Double,
        _ levels: Levels<Double>,
        clearsAt: (Double) -> Double,
        _ side: String,
        memory: inout Memory,
        exceeds: (Double, Double) -> Bool
    ) -> Judgement {
        guard number.isFinite else { return Self.notANumber }
        let present = levels.worst { exceeds(number, $0) }
        let kept = memory.breached.flatMap { former in
            // The end of the band belongs to it; a band without width is none.
            levels.worst(upTo: former) { clearsAt($0) != $0 && !exceeds(clearsAt($0), number) }
        }
        if let (severity, level) = kept, severity > present?.0 ?? .info {
            memory.breached = severity
            let edge = measure.unit.text(clearsAt(level))
            let relation = side == "above" ? "not below" : "not above"
            return .breach(
                severity,
                because: "\(measure.unit.text(number)) is still \(relation) \(edge), where it clears"
            )
        }
        memory.breached = present?.0
        guard let (severity, level) = present else { return .ok }
        return .breach(severity, because: "\(measure.unit.text(number)) is \(side) \(measure.unit.text(level))")
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

    /// The worst level that `applies`, none worse than `limit`.
    func worst(upTo limit: Severity, where applies: (Value) -> Bool) -> (Severity, Value)? {
        ranked.first { $0.severity <= limit && applies($0.level) }.map { ($0.severity, $0.level) }
    }

    var least: (Severity, Value)? { ranked.last.map { ($0.severity, $0.level) } }

    /// The level of that severity, nil where it is off; without a severity the least that is on.
    subscript(severity: Severity?) -> Value? {
        guard let severity else { return ranked.last?.level }
        return ranked.first { $0.severity == severity }?.level
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

    /// Whether a breach may last beyond its level.
    var hasHysteresis: Bool {
        switch self {
        case .above(_, _, let hysteresis), .below(_, _, let hysteresis): hysteresis > 0
        case .changed, .occurred, .rate, .trend, .state, .became: false
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
