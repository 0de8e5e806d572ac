import Basics
import SystemBus

/// A unit's state as one word, and which words are bad.
enum UnitStanding {
    /// What it is doing; where it does nothing because there is no such unit, that.
    static func word(_ unit: SystemdUnit) -> String {
        guard unit.active == "inactive", unit.load != "loaded" else { return unit.active.safe(limit: 64) }
        return unit.load == "not-found" ? "not_found" : unit.load == "masked" ? "masked" : "bad_file"
    }

    /// A unit that was named and is not in memory, on a systemd that cannot be asked by name.
    static let notLoaded = "not_loaded"
    /// A glob that fits nothing.
    static let noMatch = "no_match"

    /// The bad words: those that are bad at once, and those that pass.
    static func bad(unless expected: [UnitState]) -> (lasting: [String], passing: [String]) {
        var lasting: Set = ["bad_file"]
        var passing: Set<String> = []
        for state in UnitState.allCases where !expected.contains(state) {
            switch state {
            case .activating, .deactivating: passing.insert(state.rawValue)
            case .reloading, .refreshing: if !expected.contains(.active) { lasting.insert(state.rawValue) }
            case .active, .inactive, .failed, .maintenance: lasting.insert(state.rawValue)
            }
        }
        // What is not there does nothing.
        if !expected.contains(.inactive) { lasting.formUnion(["not_found", "masked", notLoaded, noMatch]) }
        return (lasting.sorted(), passing.sorted())
    }
}
