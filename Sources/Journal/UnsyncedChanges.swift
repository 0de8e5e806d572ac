import Alerting
import Basics

/// State that changed without an event: gathered, the latest of each winning, and written with the next commit or sign
/// of life, so that quiet sweeps cost no sync each.
struct UnsyncedChanges {
    /// Nil where the alert is forgotten.
    var alerts: [AlertID: Alert?] = [:]
    /// Nil where the memory is forgotten.
    var memories: [RuleKey: RuleMemory?] = [:]
    var swept: [CheckID: Timestamp] = [:]

    var isEmpty: Bool { alerts.isEmpty && memories.isEmpty && swept.isEmpty }

    mutating func add(_ decision: Decision) {
        for alert in decision.alerts { alerts[alert.id] = .some(alert) }
        for id in decision.forgotten { alerts[id] = .some(nil) }
        for memory in decision.memories { memories[memory.key] = .some(memory) }
        for key in decision.forgottenMemories { memories[key] = .some(nil) }
        swept.merge(decision.swept) { _, new in new }
    }

    /// Takes what came later over.
    mutating func add(_ later: UnsyncedChanges) {
        alerts.merge(later.alerts) { _, new in new }
        memories.merge(later.memories) { _, new in new }
        swept.merge(later.swept) { _, new in new }
    }
}
