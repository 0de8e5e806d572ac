import Alerting
import Basics
import Checks
import DockerEngine
package import Logging
import Settings
package import Sinks

/// What runs under the present configuration, and how the next one takes over: only what changed is restarted.
package actor Runtime {
    private let keeper: AlertKeeper
    private let pool: DispatcherPool
    private let scheduler: Scheduler
    private let containers: EngineFleet
    private let tools: SinkTools
    private let log: Logger
    private var configuration: Configuration
    /// One change at a time: a reload may come while the start or another reload is still at work.
    private let door = Turnstile(1)

    package init(
        _ configuration: Configuration,
        keeper: AlertKeeper,
        pool: DispatcherPool,
        scheduler: Scheduler,
        containers: EngineFleet,
        tools: SinkTools,
        log: Logger
    ) {
        self.configuration = configuration
        self.keeper = keeper
        self.pool = pool
        self.scheduler = scheduler
        self.containers = containers
        self.tools = tools
        self.log = log
    }

    /// Starts what the configuration asks for.
    package func start() async {
        await door.enter()
        await take(configuration)
        await door.leave()
    }

    /// Takes up the outcome of a reload and tells of it.
    package func apply(_ outcome: Reloader.Outcome) async {
        await door.enter()
        await adopt(outcome)
        await door.leave()
    }

    private func adopt(_ outcome: Reloader.Outcome) async {
        switch outcome {
        case .refused(let problems):
            for problem in problems { log.error("configuration refused", metadata: ["problem": "\(problem)"]) }
            await keeper.announce(
                .reloadRefused,
                "The new configuration is refused, the old one stays: \(problems.count) problem(s)",
                severity: .warning,
                annotations: Self.listed(problems)
            )
        case .accepted(let new, let warnings):
            let old = configuration
            configuration = new
            for problem in warnings { log.warning("configuration problem", metadata: ["problem": "\(problem)"]) }
            for key in Self.fixed(old, new) {
                log.warning("takes effect at the next start", metadata: ["setting": "\(key)"])
            }
            await take(new)
            log.notice("configuration reloaded")
            await keeper.announce(.reloaded, "The configuration was reloaded", annotations: Self.listed(warnings))
        }
    }

    private func take(_ configuration: Configuration) async {
        let dispatchers = await pool.apply(configuration.sinks(tools: tools))
        let excluded = await containers.apply(configuration)
        await keeper.configure(configuration.checks.map(\.plan), dispatchers: dispatchers, excluded: excluded)
        await containers.begin()
        await scheduler.apply(configuration.checks)
    }

    /// The first problems as annotations.
    static func listed(_ problems: [Problem]) -> [String: String] {
        var annotations: [String: String] = [:]
        for (index, problem) in problems.prefix(20).enumerated() { annotations["problem_\(index + 1)"] = "\(problem)" }
        if problems.count > 20 { annotations["problems_not_shown"] = "\(problems.count - 20)" }
        return annotations
    }

    /// Settings that a running watchdog cannot change.
    private static func fixed(_ old: Configuration, _ new: Configuration) -> [String] {
        let before = shownOnceOnly(old)
        let changed = shownOnceOnly(new).filter { before[$0.key] != $0.value }.keys.sorted()
        // Its secrets are not shown, so the settings themselves are compared.
        return changed + (old.heartbeat == new.heartbeat ? [] : ["heartbeat"])
    }

    private static func shownOnceOnly(_ configuration: Configuration) -> [String: String] {
        let sections: Set<Substring> = ["node", "journal", "status", "control", "log", "host"]
        let fixed = configuration.resolution.effective.filter { value in
            sections.contains(value.path.prefix { $0 != "." })
        }
        return Dictionary(fixed.map { ($0.path, $0.shown) }) { first, _ in first }
    }
}
