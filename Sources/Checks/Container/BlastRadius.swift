package import Alerting
import Basics

/// The containers that go down with what they depend on: told with it, in one event.
package struct BlastRadius: Sendable, Equatable {
    /// Sorted, each once.
    package var containers: [Target]

    package init(_ containers: [Target]) {
        self.containers = containers
    }

    /// So many are named; of the rest the number is told.
    private static let most = 20

    /// `1 container`, `12 containers`; nil for none.
    var count: String? {
        containers.isEmpty ? nil : "\(containers.count) \(containers.count == 1 ? "container" : "containers")"
    }

    /// `a, b and 3 more`.
    private var list: String {
        let names = containers.prefix(Self.most).map { $0.name.safe(limit: 128) }.joined(separator: ", ")
        let more = containers.count - Self.most
        return more > 0 ? "\(names) and \(more) more" : names
    }

    /// What an event says of it, as evidence.
    var annotations: [String: String] {
        containers.isEmpty ? [:] : ["containers": list, "containers_count": String(containers.count)]
    }
}
