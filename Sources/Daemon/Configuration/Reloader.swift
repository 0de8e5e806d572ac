package import Basics
package import Settings

/// Takes up a changed configuration: on SIGHUP, and when the file's content changes. A bad one is refused as a whole, and
/// the old one stays.
package actor Reloader {
    /// What became of a reload.
    package enum Outcome: Sendable {
        case accepted(Configuration, warnings: [Problem])
        case refused([Problem])
    }

    private let source: ConfigurationSource
    private let time: any TimeSource
    private let interval: Duration
    private let apply: @Sendable (Outcome) async -> Void
    private var seen: FileFingerprint?
    /// When a configuration was last accepted.
    package private(set) var lastAccepted: Timestamp
    package private(set) var wasLastAccepted = true

    package init(
        source: ConfigurationSource,
        time: any TimeSource,
        interval: Duration = .seconds(5),
        apply: @escaping @Sendable (Outcome) async -> Void
    ) {
        self.source = source
        self.time = time
        self.interval = interval
        self.apply = apply
        seen = source.fingerprint()
        lastAccepted = time.now
    }

    /// Looks for a changed file until the task is cancelled; without a file there is nothing to look for.
    package func run() async {
        while source.path != nil, (try? await time.sleep(for: interval)) != nil {
            if source.fingerprint() != seen { await reload() }
        }
    }

    /// Reads everything again; the old configuration stays when the new one has a fatal problem.
    package func reload() async {
        // Taken before reading: a change during the read is seen at the next look.
        seen = source.fingerprint()
        let (configuration, problems) = source.load()
        wasLastAccepted = !problems.contains(where: \.isFatal)
        if wasLastAccepted {
            lastAccepted = time.now
            await apply(.accepted(configuration, warnings: problems))
        } else {
            await apply(.refused(problems))
        }
    }
}
