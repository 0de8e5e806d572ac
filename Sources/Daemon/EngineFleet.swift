package import Alerting
package import Checks

/// Keeps each engine of the present settings watched, by the check that is about it.
package actor EngineFleet {
    private var supervisors: [CheckID: EngineSupervisor] = [:]
    private let make: @Sendable (CheckID) -> EngineSupervisor

    /// `make` makes the supervisor of an engine that is new.
    package init(_ make: @escaping @Sendable (CheckID) -> EngineSupervisor) {
        self.make = make
    }

    /// Takes the settings of a configuration; `begin` follows.
    ///
    /// - Returns: Which targets are no longer chosen: their alerts resolve at once (S14).
    package func apply(_ configuration: Configuration) async -> @Sendable (CheckID, Target) -> Bool {
        let engines = Dictionary(configuration.engines.map { ($0.check, $0) }) { first, _ in first }
        for check in supervisors.keys where engines[check] == nil {
            await supervisors.removeValue(forKey: check)?.stop()
        }
        var left: [CheckID: Set<Target>] = [:]
        for (check, engine) in engines {
            let supervisor = supervisors[check] ?? make(check)
            supervisors[check] = supervisor
            left[check] = await supervisor.apply(engine)
        }
        return { [left] check, target in left[check]?.contains(target) ?? false }
    }

    /// Begins with what `apply` took, once the alerts know the checks: what a list tells is lost on a check that does not run.
    package func begin() async {
        for supervisor in supervisors.values { await supervisor.begin() }
    }

    /// Ends the watching.
    package func stop() async {
        for supervisor in supervisors.values { await supervisor.stop() }
        supervisors = [:]
    }

    /// What a check of containers asks, or what another check may ask of all of them; nil where no engine is watched.
    package func watch(for check: CheckID) async -> (any ContainerWatch)? {
        var watches: [CheckID: any ContainerWatch] = [:]
        for (engine, supervisor) in supervisors { watches[engine] = await supervisor.watch }
        return ContainerWatches.watch(for: check, among: watches)
    }
}
