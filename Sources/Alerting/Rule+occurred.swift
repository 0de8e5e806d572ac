import Basics

extension Rule {
    /// How long a change counts (S13).
    static let changeWindow = Duration.seconds(600)
    /// More entries than this are merged into slices of the window.
    static let occurrenceLimit = 64

    /// Differs from the one kept: the first value is the baseline and no alert (S13).
    func changed(_ value: String, _ severity: Severity, at now: Timestamp, memory: inout Memory) -> Judgement {
        let value = value.safe(limit: 200)
        let differs = memory.baseline.map { $0 != value } ?? false
        if differs { memory.formerBaseline = memory.baseline }
        memory.baseline = value
        note(differs ? 1 : 0, nil, at: now, within: Self.changeWindow, memory: &memory)
        guard !memory.occurrences.isEmpty, let former = memory.formerBaseline else {
            memory.formerBaseline = nil
            return .ok
        }
        return .breach(severity, because: "changed from \(former) to \(value)")
    }

    /// A counter's growth; its first reading, a reset and another boot are a new base.
    func growth(to total: Double, memory: inout Memory) -> Int {
        let last = memory.lastValue
        memory.lastValue = total
        guard let last, total > last else { return 0 }
        return Int(exactly: (total - last).rounded()) ?? .max
    }

    /// Adds new occurrences and drops those that left the window.
    func note(
        _ count: Int,
        _ severity: Severity?,
        at now: Timestamp,
        within window: Duration,
        memory: inout Memory
    ) {
        memory.freshOccurrences = count
        if !memory.occurrences.isEmpty {
            memory.occurrences = memory.occurrences.compactMap { occurrence in
                var occurrence = occurrence
                // What a clock that stepped back left in the future happened just now at the latest.
                occurrence.at = min(occurrence.at, now)
                return now.since(occurrence.at) < window ? occurrence : nil
            }
        }
        guard count > 0 else { return }
        memory.occurrences.append(.init(at: now, count: count, severity: severity))
        if memory.occurrences.count > Self.occurrenceLimit { memory.mergeOccurrences(slice: window / 32) }
    }

    /// Enough within the window; once in breach, until the window is empty (S12).
    func occurred(
        _ least: Int,
        _ severity: Severity,
        within window: Duration,
        memory: inout Memory
    ) -> Judgement {
        let count = memory.occurrences.reduce(0) { $0.addingClamped($1.count) }
        memory.judged = Double(count)
        guard count > 0, count >= least || memory.breached != nil else {
            memory.breached = nil
            return .ok
        }
        let worst = memory.occurrences.map { $0.severity ?? severity }.max() ?? severity
        memory.breached = worst
        return .breach(worst, because: "\(count) within \(window.text)")
    }
}

extension Rule.Memory {
    /// One entry per slice of the window, at the time of its last and with the worst severity: bounded memory that
    /// never forgets an occurrence early.
    fileprivate mutating func mergeOccurrences(slice: Duration) {
        let width = max(slice.wholeMilliseconds, 1)
        var merged: [Occurrence] = []
        for occurrence in occurrences.sorted(by: { $0.at < $1.at }) {
            guard var last = merged.last, last.at.milliseconds / width == occurrence.at.milliseconds / width else {
                merged.append(occurrence)
                continue
            }
            last.at = occurrence.at
            last.count = last.count.addingClamped(occurrence.count)
            // Nil stands for the rule's own severity, which may be the worse one: it stays.
            if let left = last.severity, let right = occurrence.severity {
                last.severity = max(left, right)
            } else {
                last.severity = last.severity == .critical || occurrence.severity == .critical ? .critical : nil
            }
            merged[merged.count - 1] = last
        }
        occurrences = merged
    }
}
