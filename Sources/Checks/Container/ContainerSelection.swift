package import Alerting
package import Basics

/// Which containers are watched: all, or those that an include names, less those that an exclude names.
package struct ContainerSelection: Sendable, Equatable {
    package var include: [Glob] = []
    package var exclude: [Glob] = []
    package var includeProjects: [Glob] = []
    package var excludeProjects: [Glob] = []
    package var includeServices: [Glob] = []
    package var excludeServices: [Glob] = []
    package var includeImages: [Glob] = []
    package var excludeImages: [Glob] = []
    /// Of names, or of `name=value`.
    package var includeLabels: [Glob] = []
    package var excludeLabels: [Glob] = []

    package init() {}

    /// By what a container's labels are picked.
    package var labelGlobs: [Glob] { includeLabels + excludeLabels }

    /// Whether it is watched.
    ///
    /// Of labels that were picked by other settings nothing is known: before the next list they leave nothing out.
    func contains(_ container: ContainerIdentity) -> Bool {
        let name = ContainerName.withoutRecreationPrefix(container.name)
        let traits = container.labels
        let labels = traits.picked.globs == labelGlobs ? traits.picked : nil
        func hits(_ names: [Glob], _ projects: [Glob], _ services: [Glob], _ images: [Glob]) -> Bool {
            names.contains { $0.matches(name) } || images.contains { $0.matches(container.image) }
                || traits.composeProject.map { text in projects.contains { $0.matches(text) } } ?? false
                || traits.composeService.map { text in services.contains { $0.matches(text) } } ?? false
        }
        if hits(exclude, excludeProjects, excludeServices, excludeImages) { return false }
        if let labels, labels.fit(excludeLabels) { return false }
        if includesAll { return true }
        if hits(include, includeProjects, includeServices, includeImages) { return true }
        return labels?.fit(includeLabels) ?? !includeLabels.isEmpty
    }

    private var includesAll: Bool {
        include.isEmpty && includeProjects.isEmpty && includeServices.isEmpty && includeImages.isEmpty
            && includeLabels.isEmpty
    }

    /// Whether the container of an alert, as the alert's labels name it, is not chosen (S14).
    ///
    /// What the container's own labels have to do with it, the next list tells.
    package func leavesOut(_ alert: Alert) -> Bool {
        guard alert.id.check.kind == DockerCheck.kind, let name = alert.labels["container"] else { return false }
        var traits = ContainerTraits()
        traits.composeProject = alert.labels["compose_project"]
        traits.composeService = alert.labels["compose_service"]
        return !contains(
            ContainerIdentity(id: "", name: name, image: alert.labels["image"] ?? "", labels: traits)
        )
    }
}

/// The labels of a container that the choice of containers goes by; all others are forgotten at once.
package struct PickedLabels: Sendable, Equatable {
    /// By what they were picked.
    let globs: [Glob]
    /// As their owner wrote them: compared, and never shown.
    private let labels: [String: String]

    init(_ labels: [String: String] = [:], by globs: [Glob] = []) {
        self.globs = globs
        self.labels = globs.isEmpty ? [:] : labels.filter { label in globs.contains { $0.fits(label) } }
    }

    /// Whether any of them is meant by any of these.
    func fit(_ globs: [Glob]) -> Bool {
        labels.contains { label in globs.contains { $0.fits(label) } }
    }
}

extension Glob {
    /// Whether it means a label: by its name, or, where it has a `=`, by name and value.
    fileprivate func fits(_ label: (key: String, value: String)) -> Bool {
        matches(description.utf8.contains(UInt8(ascii: "=")) ? "\(label.key)=\(label.value)" : label.key)
    }
}
