package import Alerting
package import Basics
package import Checks
package import Curl
package import DockerEngine

/// Follows one engine: events are hints, the list is the truth.
///
/// It subscribes first, then lists, inspects and reconciles; again after every reconnect and every five minutes.
/// What the board makes of it is submitted as partial sweeps in the moment it is known. In idle the engine is asked for a
/// list every five minutes and twice between for a sign of life (S25).
package struct EngineWatcher: Sendable {
    /// What is worth a line in the log, said once when it changes.
    package enum Note: Sendable, Equatable {
        case connected(version: String, api: String)
        /// There is no engine where nobody said that there is one.
        case absent(because: String, remedy: String?)
        /// No stream can be had.
        case lost(because: String, hint: String?)
        /// A request failed that is made again later.
        case trouble(because: String)
        /// A container's label that cannot be used.
        case label(problem: String)
    }

    let address: EngineAddress
    let loop: CurlLoop
    let keeper: ContainerKeeper
    let check: CheckID
    let isConfigured: Bool
    let wasSeen: Bool
    let patience: Duration
    let time: any TimeSource
    let resyncs: Resyncs
    let submit: @Sendable (Sweep) async -> Void
    let note: @Sendable (Note) async -> Void
    let remember: @Sendable (String?) async -> Void
    /// At most so many inspects at once.
    let turnstile = Turnstile(4)
    let urgentTurnstile = Turnstile(8)
    /// Restarts are heavy work for the machine that is watched.
    let healTurnstile = Turnstile(2)
    /// An answer with a log may be large.
    let logTurnstile = Turnstile(4)

    /// With `isConfigured` false, nobody said where the engine is and its absence is no fault, unless it `wasSeen` in an
    /// earlier run.
    ///
    /// It has `patience` for each answer. `submit` takes partial sweeps, in order; `remember` takes what must be known of
    /// healing after a restart of the watchdog.
    package init(
        address: EngineAddress,
        isConfigured: Bool,
        wasSeen: Bool = false,
        patience: Duration = .seconds(5),
        loop: CurlLoop,
        keeper: ContainerKeeper,
        check: CheckID = CheckID(DockerCheck.kind),
        time: any TimeSource,
        resyncs: Resyncs = Resyncs(),
        submit: @escaping @Sendable (Sweep) async -> Void,
        note: @escaping @Sendable (Note) async -> Void = { _ in },
        remember: @escaping @Sendable (String?) async -> Void = { _ in }
    ) {
        self.address = address
        self.isConfigured = isConfigured
        self.wasSeen = wasSeen
        self.patience = patience
        self.loop = loop
        self.keeper = keeper
        self.check = check
        self.time = time
        self.resyncs = resyncs
        self.submit = submit
        self.note = note
        self.remember = remember
    }

    static let listEvery = Duration.seconds(300)
    static let pingEvery = Duration.seconds(120)
    /// What a death waits for an answer to its inspect; Podman answers when it is through with what it does to the container.
    static func urgentPatience(_ product: EngineProduct) -> Duration {
        product == .podman ? .seconds(2) : .milliseconds(250)
    }
    /// How long after its first answer Podman is asked once more whether it removes what has ended.
    static let removalPatience = Duration.milliseconds(500)
    /// What a death waits for its last lines, where they are wanted.
    static let logPatience = Duration.milliseconds(1500)

    /// Serves until the task is cancelled.
    package func run() async throws {
        let (news, continuation) = AsyncStream.makeStream(of: ContainerBoard.News.self, bufferingPolicy: .unbounded)
        await keeper.attach { continuation.yield($0) }
        await withTaskGroup(of: Void.self) { group in
            // One task submits, so that nothing overtakes what happened before it.
            group.addTask {
                for await item in news {
                    await submit(sweep(item))
                    for problem in item.problems { await note(.label(problem: problem)) }
                }
            }
            group.addTask {
                await follow()
                continuation.finish()
            }
            await group.waitForAll()
        }
        try Task.checkCancellation()
    }

    /// One look without a stream, for `custos check`.
    package func snapshot() async {
        do {
            let client = try await EngineClient.connect(to: address, over: loop, timeout: patience)
            await keeper.follow(client.engine.product, onSocket: address.isSocket)
            try await reconcile(client, because: .connected)
            await locate(client)
        } catch {
            await keeper.engineLost(judge(error, hasSeenEngine: false))
        }
    }

    /// Looks again because other containers are chosen; the stream goes on beside it.
    package func refresh() async {
        do {
            let client = try await EngineClient.connect(to: address, over: loop, timeout: patience)
            try await reconcile(client, because: .configuration)
        } catch .cancelled {
        } catch {
            // Whether the engine is there is for those to say who hold its stream.
            await note(.trouble(because: "\(error)"))
        }
    }

    private func sweep(_ news: ContainerBoard.News) -> Sweep {
        Sweep(
            check: check,
            at: time.now,
            uptime: time.uptime,
            coverage: .partial,
            outcome: .success(news.observations),
            gone: news.gone,
            leftOut: news.leftOut
        )
    }

    /// Connects again and again, 0.1 s to 10 s apart.
    private func follow() async {
        var pause = Duration.milliseconds(100)
        var isLost = false
        while !Task.isCancelled {
            let lists = await keeper.lists
            let failure: EngineError
            do {
                let client = try await EngineClient.connect(to: address, over: loop, timeout: patience)
                await keeper.follow(client.engine.product, onSocket: address.isSocket)
                failure = await serve(client, try await client.events(since: keeper.newestEvent))
            } catch {
                failure = error
            }
            guard !Task.isCancelled else { return }
            await keeper.streamEnded()
            let hadStream = await keeper.lists > lists
            if hadStream { isLost = false }
            // A stream that was cut gets one retry before anybody is told; an engine that hangs has had its second chance.
            var isHung = false
            if case .hung = failure { isHung = true }
            if !hadStream || isHung {
                let verdict = judge(failure, hasSeenEngine: await keeper.lists > 0 || wasSeen)
                await keeper.engineLost(verdict)
                if !isLost { await note(line(verdict, failure)) }
                isLost = true
            }
            if hadStream { pause = .milliseconds(100) }
            guard (try? await time.sleep(for: pause)) != nil else { return }
            if !hadStream { pause = min(pause * 2, .seconds(10)) }
        }
    }

    /// Events and upkeep side by side, until one of them fails.
    private func serve(_ client: EngineClient, _ events: EngineEvents) async -> EngineError {
        // Cancelled with its stream, so each has its own.
        let bell = Doorbell()
        return await withTaskGroup(of: EngineError.self) { group in
            group.addTask { await consume(events, client, bell) }
            group.addTask { await upkeep(client, bell) }
            group.addTask {
                await heal(client, at: bell)
                return .cancelled
            }
            let failure = await group.next() ?? .cancelled
            group.cancelAll()
            return failure
        }
    }

    private func consume(_ events: EngineEvents, _ client: EngineClient, _ bell: Doorbell) async -> EngineError {
        await withDiscardingTaskGroup(returning: EngineError.self) { group in
            var lastForced: Duration?
            do throws(EngineError) {
                for try await notice in events {
                    switch notice {
                    case .event(let event):
                        guard let event = ContainerEvent(event, picking: await keeper.labelGlobs) else { continue }
                        let news = await keeper.apply(event)
                        if event.mayCallForHealing { bell.ring() }
                        for wish in news.inspect { group.addTask { await grant(wish, client) } }
                        if let span = news.settleAfter {
                            group.addTask {
                                // A little more, for the board counts from the event.
                                guard (try? await time.sleep(for: span + .milliseconds(5))) != nil else { return }
                                await keeper.settle()
                            }
                        }
                    case .unreadable:
                        if let last = lastForced, time.uptime - last < .seconds(10) { continue }
                        lastForced = time.uptime
                        group.addTask { _ = try? await reconcile(client, because: .unreadable) }
                    }
                }
                group.cancelAll()
                return .cut(path: "/events")
            } catch {
                group.cancelAll()
                return error
            }
        }
    }

    /// Lists first, then lists and pings by turns; returns when the engine does not answer.
    private func upkeep(_ client: EngineClient, _ bell: Doorbell) async -> EngineError {
        do {
            try await reconcile(client, because: .connected)
            bell.ring()
        } catch {
            return error
        }
        await locate(client)
        await note(.connected(version: client.engine.version, api: "\(client.api)"))
        var untilList = Self.listEvery
        while true {
            let span = min(Self.pingEvery, untilList)
            guard (try? await time.sleep(for: span)) != nil else { return .cancelled }
            untilList -= span
            do {
                if untilList <= .zero {
                    untilList = Self.listEvery
                    try await reconcile(client, because: .periodic)
                    bell.ring()
                    if await !keeper.knowsDataFolder { await locate(client) }
                } else {
                    try await client.ping()
                }
            } catch {
                guard (try? await time.sleep(for: .seconds(5))) != nil else { return .cancelled }
                do {
                    try await client.ping()
                    await note(.trouble(because: "\(error)"))
                } catch {
                    return .hung(at: "\(address)", path: "/_ping")
                }
            }
        }
    }

    /// What an operator has to change is a setting of this engine.
    private var names: EngineSettingNames { EngineSettingNames(instance: check.instance) }

    private func line(_ verdict: ContainerBoard.Engine, _ failure: EngineError) -> Note {
        if case .blind(.notApplicable(let because, let remedy)) = verdict {
            return .absent(because: because, remedy: remedy)
        }
        return .lost(because: "\(failure)", hint: failure.hint(in: names))
    }

    /// What the failure means: an alert, or a check that cannot look.
    ///
    /// The socket of an engine that was there goes when the engine stops: that is an outage, not a missing mount.
    func judge(_ error: EngineError, hasSeenEngine: Bool) -> ContainerBoard.Engine {
        switch error {
        case .absent where hasSeenEngine: .unreachable(because: "\(error)")
        case .absent where !isConfigured:
            .blind(
                .notApplicable(
                    because: "no Docker engine at \(address)",
                    remedy: "to watch containers, mount the socket: -v /var/run/docker.sock:/var/run/docker.sock"
                )
            )
        // A certificate may run out under our eyes; one that never fitted is a mistake in the configuration.
        case .tls where hasSeenEngine: .unreachable(because: "\(error)")
        case .absent, .denied, .refused, .badAddress, .tooOld, .tooNew, .tls, .unreadable, .wantsTLS:
            .blind(.degraded(because: "\(error)", remedy: error.hint(in: names)))
        default: .unreachable(because: "\(error)")
        }
    }
}

extension ContainerEvent {
    /// Whether who is unwell, or whose network is gone, may be another one after it.
    fileprivate var mayCallForHealing: Bool {
        switch action {
        case .health, .start: true
        default: false
        }
    }
}
