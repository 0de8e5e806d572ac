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
        var world = World(host: host, time: time, containers: await containers(curl, past))
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

    /// The containers as one list tells them; nil while the check is off.
    private func containers(_ curl: CurlLoop, _ past: RetainedState) async -> (any ContainerWatch)? {
        guard checks.contains(where: { $0.id.kind == DockerCheck.kind }) else { return nil }
        let settings = configuration.docker
        // What ended under the watchdog's eyes is judged as it judges it, not as found on a first look (S21).
        let previousSweep = past.swept[CheckID(DockerCheck.kind)]
        var options = configuration.containerOptions
        // The second look must be a new reading.
        options.readEvery = .zero
        let board = ContainerBoard(
            options,
            memory: ContainerMemory(previousSweep: previousSweep, alerts: past.alerts),
            bootedAt: time.now - time.uptime
        )
        let keeper = ContainerKeeper(board, time: time)
        do {
            let wasSeen = previousSweep != nil
            await (try EngineSupervisor.watcher(settings, keeper, wasSeen: wasSeen, curl: curl, time: time)).snapshot()
        } catch {
            await keeper.engineLost(.blind(.degraded(because: "\(error)", remedy: error.hint)))
        }
        return keeper
    }
}
