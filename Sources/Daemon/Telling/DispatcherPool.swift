package import Alerting
package import Basics
package import Journal

/// One dispatcher per configured sink, each in a task of its own.
package actor DispatcherPool {
    private struct Running {
        var dispatcher: Dispatcher
        var task: Task<Void, Never>
    }

    /// How long the outbox of a sink that is no longer configured is kept.
    private static let memory = Duration.seconds(72 * 3600)

    private let journal: Journal
    private let time: any TimeSource
    private let node: String
    /// Before anything of this run can have been decided.
    private let started: Timestamp
    private var outcome: @Sendable (SinkID, DeliveryError?) async -> Void = { _, _ in }
    private var running: [SinkID: Running] = [:]

    package init(journal: Journal, time: any TimeSource, node: String) {
        self.journal = journal
        self.time = time
        self.node = node
        started = time.now
    }

    /// Who is told after each attempt; set before the first `apply`.
    package func report(to outcome: @escaping @Sendable (SinkID, DeliveryError?) async -> Void) {
        self.outcome = outcome
    }

    /// Makes the running dispatchers be those of the sinks given; what is unchanged goes on undisturbed.
    ///
    /// - Returns: All dispatchers, for waking.
    package func apply(_ sinks: [SinkInstance]) async -> [SinkID: Dispatcher] {
        let wanted = Dictionary(uniqueKeysWithValues: sinks.map { ($0.id, $0) })
        for (id, current) in running where wanted[id]?.fingerprint != current.dispatcher.sink.fingerprint {
            running[id] = nil
            current.task.cancel()
            // Two dispatchers of one sink would send the same delivery twice.
            await current.task.value
        }
        for sink in sinks where running[sink.id] == nil {
            let dispatcher = Dispatcher(
                sink,
                journal: journal,
                time: time,
                node: node,
                started: started,
                outcome: outcome
            )
            running[sink.id] = Running(dispatcher: dispatcher, task: Task { await dispatcher.run() })
        }
        await giveUpForgotten()
        return running.mapValues(\.dispatcher)
    }

    /// A sink that is no longer configured keeps what waits for it for a while: it may be missing by mistake.
    private func giveUpForgotten() async {
        for sink in await journal.outboxes().keys where running[sink] == nil {
            await journal.expire(sink, before: time.now - Self.memory, because: "the sink is no longer configured")
        }
    }

    /// Says that a sink's outbox changed.
    package func wake(_ id: SinkID) { running[id]?.dispatcher.wake() }

    /// The configured sink of a name.
    package func sink(_ id: SinkID) -> SinkInstance? { running[id]?.dispatcher.sink }

    /// All configured sinks, sorted by name.
    package var sinks: [SinkInstance] { running.values.map(\.dispatcher.sink).sorted { $0.id < $1.id } }

    /// The names of all sinks' streams (S2).
    package func streams() async -> [String] {
        var streams: [String] = []
        for sink in sinks { streams.append(await journal.stream(sink.id)) }
        return streams
    }

    /// Lets every dispatcher tell what is due, for at most `grace`; what is left stays in the outbox.
    package func drain(within grace: Duration) async {
        let stopping = running
        running = [:]
        for current in stopping.values { current.dispatcher.drain() }
        _ = await withDeadline(grace, time: time) {
            for current in stopping.values { await current.task.value }
        }
        for current in stopping.values { current.task.cancel() }
    }
}
