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

    init(_ settings: Settings)

    var rules: [Rule] { get }

    /// One complete look at everything the check watches.
    ///
    /// - Throws: `CheckError` when nothing could be seen. What is missing from a result is gone.
    func observe(_ world: World) async throws(CheckError) -> [Observation]
}

extension Check {
    package static var runsByDefault: Bool { true }
    package static var defaultEvery: Duration { .seconds(30) }
}

/// What a check may look at.
package struct World: Sendable {
    package var host: Host
    package var time: any TimeSource
    /// When this instance last completed a sweep, also before a restart of the watchdog.
    package var previousSweep: Timestamp?
    /// The containers as the engine's events and lists told them; nil where no engine is configured.
    package var containers: (any ContainerWatch)?

    package init(
        host: Host,
        time: any TimeSource,
        previousSweep: Timestamp? = nil,
        containers: (any ContainerWatch)? = nil
    ) {
        self.host = host
        self.time = time
        self.previousSweep = previousSweep
        self.containers = containers
    }
}

/// What is known of the containers, in memory: asking it costs the engine nothing (S25).
package protocol ContainerWatch: Sendable {
    /// One observation per measure and container, or why the engine cannot be seen.
    func observations(host: Host) async throws(CheckError) -> [Observation]
}
