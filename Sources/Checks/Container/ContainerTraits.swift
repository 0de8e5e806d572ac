import Basics

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
    /// `custos.docker.*`: settings for this container alone (S28).
    package var settings: [String: String] = [:]

    package init() {}

    package init(_ labels: [String: String]) {
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
        isIgnored = labels["custos.ignore"].map { !["false", "0", "no", "off"].contains($0.lowercased()) } ?? false
        let own = labels.filter { $0.key.hasPrefix("custos.docker.") && $0.key.utf8.count <= 80 }
        // Which ones are left of too many does not depend on chance.
        for (key, value) in own.count > 16 ? Array(own.sorted { $0.key < $1.key }.prefix(16)) : Array(own) {
            settings[key.safe(limit: 80)] = value.safe(limit: 64)
        }
    }

    /// A task is named `service.slot.<task id>`: the id is new at each re-creation, the rest is not.
    private static func swarmTask(service: String?, task: String?) -> String? {
        guard let service else { return nil }
        guard let task, let dot = task.lastIndex(of: "."), task.hasPrefix(service + ".") else { return service }
        let stable = String(task[..<dot])
        return stable == service ? task : stable
    }
}
