package import Basics
package import Journal

/// Keeps the journal alive and small: signs of life, retention, and a word when its state changes or is lost.
package struct Upkeep: Sendable {
    private let journal: Journal
    private let time: any TimeSource
    private let settings: JournalSettings
    private let changed: @Sendable (JournalStatus) async -> Void
    private let lost: @Sendable () async -> Void

    package init(
        journal: Journal,
        time: any TimeSource,
        settings: JournalSettings,
        changed: @escaping @Sendable (JournalStatus) async -> Void,
        lost: @escaping @Sendable () async -> Void
    ) {
        self.journal = journal
        self.time = time
        self.settings = settings
        self.changed = changed
        self.lost = lost
    }

    /// Works until the task is cancelled.
    package func run(from status: JournalStatus) async {
        var known = status
        var nextPrune = time.uptime
        repeat {
            let status = await journal.heartbeat()
            if status.trouble?.kind != known.trouble?.kind { await changed(status) }
            known = status
            if await journal.hasLostState { await lost() }
            if time.uptime >= nextPrune {
                await prune()
                nextPrune = time.uptime + .seconds(3600)
            }
        } while (try? await time.sleep(for: .seconds(30))) != nil
    }

    private func prune() async {
        let batch = 500
        let cutoff = time.now - settings.keepEvents
        while !Task.isCancelled, await journal.prune(keeping: settings.maxEvents, since: cutoff, batch: batch) == batch
        {}
    }
}
