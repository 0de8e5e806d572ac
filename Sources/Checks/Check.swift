package import Alerting
package import Basics
package import Procfs
package import Settings

/// Looks at one kind of thing.
///
/// A check judges nothing: it declares rules (`Alerting.Rule`). It is a value that holds its
/// settings; it may be made anew at any reload.
package protocol Check: Sendable {
    associatedtype Settings: SettingsGroup

    /// The key in YAML, the segment in the environment, the label, the metric's infix: never changes once released.
    static var kind: String { get }
    /// What it fires on, in one sentence.
    static var summary: String { get }
    /// Every measure that `observe` can return.
    static var measures: [Measure] { get }
    /// Whether it runs without any configuration.
    static var runsByDefault: Bool { get }
    /// How often it looks unless configured otherwise.
    static var defaultEvery: Duration { get }
    /// How often it may be configured.
    static var instances: Instances { get }

    /// Whether its instances share the host's things out: what a named one chooses, the one without a name leaves to it.
    static var sharesTargets: Bool { get }

    init(_ settings: Settings)

    /// One of several instances that share the host's things out.
    init(_ share: InstanceShare<Settings>)

    /// The key by which a named instance must choose something and does not; nil where it does.
    static func missingChoice(_ settings: Settings) -> String?

    var rules: [Rule] { get }

    /// One complete look at everything the check watches.
    ///
    /// - Throws: `CheckError` when nothing could be seen. What is missing from a result is gone.
    func observe(_ world: World) async throws(CheckError) -> [Observation]
}

extension Check {
    package static var runsByDefault: Bool { true }
    package static var defaultEvery: Duration { .seconds(30) }
    package static var instances: Instances { .single }
    package static var sharesTargets: Bool { false }
    package init(_ share: InstanceShare<Settings>) { self.init(share.settings) }
    package static func missingChoice(_ settings: Settings) -> String? { nil }
}

/// One instance of a kind and what it must know of the others.
package struct InstanceShare<Settings: SettingsGroup>: Sendable {
    /// Nil for the one without a name, which is about all that nobody else chooses.
    package var name: String?
    package var settings: Settings
    /// Those of the named instances beside it.
    package var others: [Settings]

    package init(name: String? = nil, _ settings: Settings, others: [Settings] = []) {
        self.name = name
        self.settings = settings
        self.others = others
    }
}

/// What a check may look at.
package struct World: Sendable {
    package var host: Host
    package var time: any TimeSource
    /// When this instance last completed a sweep, also before a restart of the watchdog.
    package var previousSweep: Timestamp?
    /// The containers as the engine's events and lists told them; nil where no engine is configured.
    package var containers: (any ContainerWatch)?
    /// The host's processes, listed once for all checks of a turn.
    package var processes: ProcessTable

    package init(
        host: Host,
        time: any TimeSource,
        previousSweep: Timestamp? = nil,
        containers: (any ContainerWatch)? = nil,
        processes: ProcessTable? = nil
    ) {
        self.host = host
        self.time = time
        self.previousSweep = previousSweep
        self.containers = containers
        self.processes = processes ?? ProcessTable(host)
    }
}

/// What is known of the containers, in memory: asking it costs the engine nothing (S25).
package protocol ContainerWatch: Sendable {
    /// One observation per measure and container, or why neither the engine nor any container can be seen.
    func observations(in world: World) async throws(CheckError) -> [Observation]

    /// Those of these ids whose containers the engine told of: their OOM kills are their own story (S23).
    func known(of containers: Set<String>) async -> Set<String>

    /// Where engines keep their data on this machine, by the check that watches each; those that are elsewhere or did not
    /// say are not among them.
    var dataFolders: [CheckID: String] { get async }

    /// The containers of the engine that this check watches, which ran when they were last seen.
    func running(of check: CheckID) async -> BlastRadius

    /// How often the engine told since then, by our clock, that a container ran out of memory.
    func outOfMemory(since moment: Timestamp) async -> Int
}
