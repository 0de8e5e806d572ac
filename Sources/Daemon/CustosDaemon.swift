package import Basics
import Logging
import ServiceLifecycle
package import Settings

/// The watchdog: its services in the order in which they start; they stop in reverse.
///
/// Nothing but a configuration that cannot be used keeps it from running: a missing engine, socket, sink or journal is
/// degraded, said once, and tried again.
package struct CustosDaemon: Sendable {
    private let source: ConfigurationSource
    private let environment: [String: String]
    private let time: any TimeSource

    package init(source: ConfigurationSource, environment: [String: String], time: any TimeSource = SystemTime()) {
        self.source = source
        self.environment = environment
        self.time = time
    }

    /// The configuration has problems that cannot be passed over (S32).
    package struct Refused: Error {
        package var problems: [Problem]
    }

    /// Watches until a signal ends it.
    ///
    /// - Throws: `Refused`.
    package func run() async throws {
        // First: the kernel drops a signal to process 1 that nobody has asked for.
        let signals = SignalService.trap()
        let (configuration, problems) = source.load()
        guard !problems.contains(where: \.isFatal) else { throw Refused(problems: problems) }
        let log = StandardErrorLog.logger(configuration.log, time: time)
        if signals == nil { log.error("signals cannot be taken: SIGHUP does not reload, SIGTERM ends without a word") }
        for problem in problems { log.warning("configuration problem", metadata: ["problem": "\(problem)"]) }
        let parts = await Parts(
            configuration,
            problems: problems,
            source: source,
            environment: environment,
            time: time,
            log: log
        )
        let answering = signals.map { [parts.answering($0)] } ?? []
        let group = ServiceGroup(services: parts.services + answering, logger: .silent)
        parts.ending.attach(group)
        try await group.run()
    }
}
