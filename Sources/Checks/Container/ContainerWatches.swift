package import Alerting
package import Basics

/// The containers of several engines, for who asks about all of them.
package struct ContainerWatches: ContainerWatch {
    private let watches: [any ContainerWatch]

    /// What a check of this name may ask of the engines that are watched: one of containers only the one that it is about,
    /// any other all of them; nil for none.
    package static func watch(for check: CheckID, among engines: [CheckID: any ContainerWatch]) -> (any ContainerWatch)?
    {
        check.kind == DockerCheck.kind ? engines[check] : ContainerWatches(Array(engines.values))
    }

    /// Nil for none.
    package init?(_ watches: [any ContainerWatch]) {
        guard !watches.isEmpty else { return nil }
        self.watches = watches
    }

    package func observations(in world: World) async throws(CheckError) -> [Observation] {
        var all: [Observation] = []
        for watch in watches { all += try await watch.observations(in: world) }
        return all
    }

    package var dataFolders: [CheckID: String] {
        get async {
            var all: [CheckID: String] = [:]
            for watch in watches { all.merge(await watch.dataFolders) { first, _ in first } }
            return all
        }
    }

    package func running(of check: CheckID) async -> BlastRadius {
        var all: [Target] = []
        for watch in watches { all += await watch.running(of: check).containers }
        return BlastRadius(all)
    }

    /// Each is asked at the same time: one that has not answered yet makes all wait.
    package func known(of containers: Set<String>) async -> Set<String> {
        await withTaskGroup(of: Set<String>.self) { group in
            for watch in watches { group.addTask { await watch.known(of: containers) } }
            return await group.reduce(into: []) { $0.formUnion($1) }
        }
    }

    package func outOfMemory(since moment: Timestamp) async -> Int {
        var count = 0
        for watch in watches { count += await watch.outOfMemory(since: moment) }
        return count
    }
}
