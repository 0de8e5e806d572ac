/// Numbers of a stream, written short: `3-7,9`.
package struct SequenceRanges: Sendable, Equatable, CustomStringConvertible {
    /// Rising, neither touching nor overlapping.
    private var ranges: [ClosedRange<Int64>] = []

    package init(_ numbers: some Sequence<Int64>) {
        self.init(ranges: numbers.map { $0...$0 })
    }

    /// Reads what `description` writes; what it cannot read is left out.
    package init(parsing text: String) {
        let parts = text.split(separator: ",").map { $0.split(separator: "-").compactMap { Int64($0) } }
        self.init(
            ranges: parts.compactMap { ends in
                guard let first = ends.first, let last = ends.last, first <= last else { return nil }
                return first...last
            }
        )
    }

    private init(ranges unordered: [ClosedRange<Int64>]) {
        for range in unordered.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = ranges.last, range.lowerBound - 1 <= last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
        }
    }

    package mutating func formUnion(_ other: SequenceRanges) {
        self = SequenceRanges(ranges: ranges + other.ranges)
    }

    /// How many numbers.
    package var count: Int64 { ranges.reduce(0) { $0 + $1.upperBound - $1.lowerBound + 1 } }

    package func contains(_ number: Int64) -> Bool { ranges.contains { $0.contains(number) } }

    package var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }
}

extension QueuedEvent {
    /// The numbers of its stream for which it stands: its own, and those that a tombstone or a digest names.
    package var sequences: SequenceRanges {
        var sequences = SequenceRanges([placement.sequence])
        if let named = event.namedSequences { sequences.formUnion(named) }
        return sequences
    }
}

extension Event {
    /// The numbers of other events of its stream in whose place it is told: a tombstone's or a digest's.
    package var namedSequences: SequenceRanges? {
        switch reason {
        case .tombstone, .flood: annotations["sequences"].map { SequenceRanges(parsing: $0) }
        default: nil
        }
    }
}
