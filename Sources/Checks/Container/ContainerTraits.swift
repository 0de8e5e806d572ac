package import Basics
import Settings

/// What a container's labels say that matters here; everything else is dropped at once.
package struct ContainerTraits: Sendable, Equatable {
    package var composeProject: String?
    package var composeService: String?
    package var composeNumber: String?
    /// `docker compose run`: a job by declaration.
    package var isOneOff = false
    /// `service.slot` of a swarm task.
    package var swarmTask: String?
    /// `custos.ignore`: the container is not watched at all.
    package var isIgnored = false
    /// All other labels that are meant for us: settings for this container alone (S28).
    package var settings: [String: String] = [:]
    /// How many more there are than are read.
    package var unreadSettings = 0

    /// What the choice of containers goes by.
    package var picked = PickedLabels()

    package init() {}

    /// - Parameters:
    ///   - labels: All that the container has.
    ///   - globs: What the choice of containers asks of labels.
    package init(_ labels: [String: String], picking globs: [Glob] = []) {
        if !globs.isEmpty { picked = PickedLabels(labels, by: globs) }
        func text(_ key: String) -> String? {
            guard let value = labels[key], !value.isEmpty else { return nil }
            return value.safe(limit: 128)
        }
        composeProject = text("com.docker.compose.project")
        composeService = text("com.docker.compose.service")
        composeNumber = text("com.docker.compose.container-number")
        isOneOff = labels["com.docker.compose.oneoff"]?.lowercased() == "true"
        swarmTask = Self.swarmTask(
            service: text("com.docker.swarm.service.name"),
            task: text("com.docker.swarm.task.name")
        )
        isIgnored = labels[Self.ignore].flatMap(Self.flag) ?? false
        take(settings: labels.filter { $0.key.hasPrefix("custos.") && !Self.isFlag($0.key, $0.value) })
    }

    static let ignore = "custos.ignore"

    /// A label without a value is a yes; nil for a word that is neither yes nor no.
    private static func flag(_ text: String) -> Bool? { text.isEmpty ? true : try? Bool(setting: text) }

    private static func isFlag(_ name: String, _ text: String) -> Bool { name == ignore && flag(text) != nil }

    private static let mostSettings = 32
    private static let longestName = 128
    private static let longestValue = 256

    /// How much is read.
    static let bounds =
        "at most \(mostSettings) labels are read, names up to \(longestName) and values up to \(longestValue) bytes"

    /// Which ones are left of too many does not depend on chance.
    private mutating func take(settings labels: [String: String]) {
        guard !labels.isEmpty else { return }
        let fit = labels.filter { $0.key.utf8.count <= Self.longestName && $0.value.utf8.count <= Self.longestValue }
        for (name, value) in fit.sorted(by: { $0.key < $1.key }).prefix(Self.mostSettings) {
            settings[name.safe(limit: Self.longestName)] = value.safe(limit: Self.longestValue)
        }
        unreadSettings = labels.count - min(fit.count, Self.mostSettings)
    }

    /// A task is named `service.slot.<task id>`: the id is new at each re-creation, the rest is not.
    private static func swarmTask(service: String?, task: String?) -> String? {
        guard let service else { return nil }
        guard let task, let dot = task.lastIndex(of: "."), task.hasPrefix(service + ".") else { return service }
        let stable = String(task[..<dot])
        return stable == service ? task : stable
    }
}
