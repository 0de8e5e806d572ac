package import Alerting
import Basics
import Checks
import Curl
import DockerEngine
import Journal
import Procfs

/// One complete look at everything: `custos check`.
///
/// It is judged with what the journal remembers, where there is one: what must last has then lasted already, and how
/// long it has lasted decides the triage (S37). Nothing is written and nobody is told.
package struct OnePass: Sendable {
    private let configuration: Configuration
    private let checks: [CheckInstance]
    private let environment: [String: String]
    private let time = SystemTime()

    /// - Parameters:
    ///   - configuration: What is looked at, and how it is judged.
    ///   - kinds: Only checks of these kinds; all when empty.
    ///   - environment: Where `HOST_PROC` and its kin may be.
    package init(_ configuration: Configuration, kinds: Set<String>, environment: [String: String]) {
        self.configuration = configuration
        self.environment = environment
        checks = configuration.checks.filter { kinds.isEmpty || kinds.contains($0.id.kind) }
    }

    /// Looks twice, one second apart, so that rates have two samples (S15).
    ///
    /// - Parameter progress: Told before each check: how many are done, of how many, and which comes next.
    /// - Returns: The report of the second look.
    package func run(progress: (Int, Int, String) -> Void) async -> Report {
        let host = Host(roots: configuration.hostRoots(environment))
        let curl = CurlLoop()
        let past = Journal.peek(at: configuration.journal.location, time: time) ?? RetainedState()
        let engines = await engines(curl, past)
        var world = World(host: host, time: time)
        var book = AlertBook(alerts: past.alerts, memories: past.memories, bootID: try? host.bootID().text)
        _ = book.reconfigure(checks.map(\.plan), at: time.now)
        let total = checks.count * 2
        for round in 0..<2 {
            if round == 1 {
                try? await time.sleep(for: .seconds(1))
                // Of the second look nothing is taken over from the first.
                world.processes = ProcessTable(host)
            }
            for (index, check) in checks.enumerated() {
                progress(round * checks.count + index, total, check.id.description)
                world.containers = ContainerWatches.watch(for: check.id, among: engines)
                _ = book.absorb(await Scheduler.sweep(check, in: world, time: time))
            }
        }
        progress(total, total, "")
        return Report(
            time: time.now,
            node: await NodeName.find(configuration, host, kept: past.node, curl: curl).name,
            checks: book.report(),
            suggestions: SuggestedCommands.of
        )
    }

    /// The containers of each engine as one list tells them, by the check that is about them.
    private func engines(_ curl: CurlLoop, _ past: RetainedState) async -> [CheckID: any ContainerWatch] {
        let looked = Set(checks.map(\.id))
        return await withTaskGroup(of: (CheckID, any ContainerWatch).self) { group in
            for engine in configuration.engines where looked.contains(engine.check) {
                group.addTask { (engine.check, await containers(engine, curl, past)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func containers(_ engine: WatchedEngine, _ curl: CurlLoop, _ past: RetainedState) async -> ContainerKeeper {
        // What ended under the watchdog's eyes is judged as it judges it, not as found on a first look (S21).
        let previousSweep = past.swept[engine.check]
        var options = engine.options
        // The second look must be a new reading.
        options.readEvery = .zero
        let board = ContainerBoard(
            options,
            memory: ContainerMemory(
                previousSweep: previousSweep,
                alerts: past.alerts.filter { $0.id.check == engine.check }
            ),
            bootedAt: engine.isHere ? time.now - time.uptime : nil
        )
        let keeper = ContainerKeeper(board, check: engine.check, time: time, label: engine.label)
        do {
            let wasSeen = previousSweep != nil
            let watcher = try EngineSupervisor.watcher(
                engine.check,
                engine.settings,
                keeper,
                wasSeen: wasSeen,
                curl: curl,
                time: time
            )
            await watcher.snapshot()
        } catch {
            let names = EngineSettingNames(instance: engine.check.instance)
            await keeper.engineLost(.blind(.degraded(because: "\(error)", remedy: error.hint(in: names))))
        }
        return keeper
    }
}
