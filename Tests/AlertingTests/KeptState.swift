import FoundationEssentials

@testable import Alerting

/// What a journal would hold after the decisions it was given, through the same coding.
struct KeptState {
    private var alerts: [AlertID: Data] = [:]
    private var memories: [RuleKey: Data] = [:]

    mutating func keep(_ decision: Decision) throws {
        for alert in decision.alerts { alerts[alert.id] = try JSONEncoder().encode(alert) }
        for id in decision.forgotten { alerts[id] = nil }
        for memory in decision.memories { memories[memory.key] = try JSONEncoder().encode(memory) }
        for key in decision.forgottenMemories { memories[key] = nil }
    }

    var isEmpty: Bool { alerts.isEmpty && memories.isEmpty }
    var memoryKeys: Set<RuleKey> { Set(memories.keys) }

    /// The book that a restart makes of it, not yet reconfigured.
    func book(bootID: String?) throws -> AlertBook {
        AlertBook(
            alerts: try alerts.values.map { try JSONDecoder().decode(Alert.self, from: $0) },
            memories: try memories.values.map { try JSONDecoder().decode(RuleMemory.self, from: $0) },
            bootID: bootID
        )
    }
}
