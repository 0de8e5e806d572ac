/// The unit in which a measure is given; its name ends a measure's name.
package enum Unit: String, Sendable, Codable, CaseIterable {
    case ratio, bytes, seconds, celsius, total
    case perSecond = "per_second"
    /// Counts of things that exist at a moment, and states.
    case none
}

/// A named quantity with a unit.
///
/// The name is part of an alert's identity and never changes once released.
package struct Measure: Hashable, Sendable {
    /// `<kind>_<what>_<unit>`.
    package var name: String
    package var unit: Unit
    /// What it says, in one sentence.
    package var summary: String

    package init(name: String, unit: Unit, summary: String) {
        self.name = name
        self.unit = unit
        self.summary = summary
    }
}
