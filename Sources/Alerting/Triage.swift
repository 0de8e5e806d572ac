package import Basics

/// How urgent what was found is, by how much there is of it and for how long it has lasted (S37).
///
/// A finding counts once it has lasted as long as its rule asks, from warning on: five sweeps in a row make it 30
/// points, three make it 15, fewer 5. The worst finding decides the class, or the sum where there are many.
package struct Triage: Sendable, Equatable {
    /// Urgency; `severity` keeps the meaning that it has in alerts.
    package enum Class: String, Sendable, CaseIterable, Comparable {
        case low, medium, high, critical

        package static func < (left: Class, right: Class) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package var urgency: Class
    /// 0 to 100.
    package var score: Int
    /// One line per finding, the weightiest first; a last line counts those that are left out.
    package var factors: [String]

    private static let mostFactors = 50

    /// What is well.
    package static let none = Triage([])

    init(_ readings: [Reading]) {
        let findings = readings.filter(\.isFinding).map { (reading: $0, weight: Weight(streak: $0.streak)) }
        let sum = findings.reduce(0) { $0 + $1.weight.points }
        let worst = findings.map(\.weight.urgency).max() ?? .low
        let byScore: Class = sum >= 60 ? .critical : sum >= 40 ? .high : .low
        urgency = max(worst, byScore)
        score = min(100, sum)
        let ordered = findings.enumerated().sorted {
            ($1.element.weight.points, $0.offset) < ($0.element.weight.points, $1.offset)
        }
        factors = ordered.prefix(Self.mostFactors).map { $0.element.weight.factor($0.element.reading) }
        if ordered.count > Self.mostFactors { factors.append("and \(ordered.count - Self.mostFactors) more") }
    }

    /// The report's `triage`.
    package var json: JSON {
        [
            "class": .string(urgency.rawValue),
            "score": .integer(Int64(score)),
            "factors": .array(factors.map { .string($0) }),
        ]
    }
}

/// What one finding adds.
private struct Weight {
    var urgency: Triage.Class
    var points: Int
    private var words: String

    init(streak: Int) {
        (urgency, points, words) =
            switch streak {
            case 5...: (.critical, 30, "persistent (streak \(streak))")
            case 3...4: (.high, 15, "repeated (streak \(streak))")
            default: (.medium, 5, "threshold exceeded")
            }
    }

    func factor(_ reading: Reading) -> String {
        "\(reading.observation.measure.name) of \(reading.observation.target.name.safe(limit: 120)): \(words)"
    }
}

extension Reading {
    /// Whether somebody should look at it: a warning or worse that has lasted as long as its rule asks.
    package var isFinding: Bool { !isPending && (judgement.severity ?? .info) > .info }
}
