/// What a container is doing, as the engine says.
package enum ContainerState: String, Hashable, Sendable, Decodable {
    case created, running, paused, restarting, removing, exited, dead
    /// A word that no known engine uses.
    case unknown

    /// Podman's words stand for the nearest of Docker's.
    package init(_ text: String) {
        switch text.lowercased() {
        case "configured", "initialized": self = .created
        case "stopping": self = .running
        case "stopped": self = .exited
        case let word: self = ContainerState(rawValue: word) ?? .unknown
        }
    }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Whether there is a process: running, paused, or about to be stopped.
    package var isUp: Bool { self == .running || self == .paused }
}

/// What a container's own health check says.
package enum HealthStatus: String, Hashable, Sendable, Decodable {
    /// There is no health check.
    case none
    case starting, healthy, unhealthy

    /// Also for words that no known engine uses: they say nothing about health.
    package init(_ text: String) {
        self = HealthStatus(rawValue: text.lowercased()) ?? .none
    }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
}

/// When the engine starts a container again by itself.
package enum RestartPolicy: Hashable, Sendable {
    case no
    case always
    case unlessStopped
    /// After an exit code other than 0, at most so many times; nil for no limit.
    case onFailure(atMost: Int?)

    init(name: String, count: Int?) {
        switch name {
        case "always": self = .always
        case "unless-stopped": self = .unlessStopped
        case "on-failure": self = .onFailure(atMost: count.flatMap { $0 > 0 ? $0 : nil })
        default: self = .no
        }
    }
}
