package import Alerting
package import Basics
package import DockerEngine
package import Procfs

/// Owns the board: the one place where events, lists and sweeps meet.
package actor ContainerKeeper: ContainerWatch {
    private var board: ContainerBoard
    private let time: any TimeSource
    /// How many lists were taken.
    package private(set) var lists = 0
    private var publish: (@Sendable (ContainerBoard.News) -> Void)?
    private var readings = ContainerReadings()
    /// When kills were found that a control group counted: those that are outlived are told of a moment later.
    private var killsFound: Timestamp?
    /// Those that are found where there is no engine.
    private var unmanaged = UnmanagedContainers()
    /// When containers ran out of memory of late, by our clock.
    private var oomTimes: [Timestamp] = []
    private let check: CheckID
    /// What tells this engine's containers from another's, where there are several.
    private var label: String?
    private var onSocket = true

    /// `label` names the engine in every observation where there are several; `check` is the one that watches it.
    package init(
        _ board: ContainerBoard,
        check: CheckID = CheckID(DockerCheck.kind),
        time: any TimeSource,
        label: String? = nil
    ) {
        self.board = board
        self.check = check
        self.time = time
        self.label = label
    }

    /// Hands all further news to `publish`, in the order in which they came about.
    package func attach(_ publish: @escaping @Sendable (ContainerBoard.News) -> Void) {
        self.publish = publish
    }

    /// Takes new settings at a reload.
    ///
    /// - Returns: The targets that are no longer chosen.
    package func use(_ options: ContainerOptions, label: String? = nil) -> [Target] {
        self.label = label
        var news = board.use(options)
        let left = news.gone
        // The caller ends their alerts, with the reason.
        news.gone = []
        tell(news)
        return left
    }

    /// Rises with each event; read it before asking the engine.
    package var mark: Int { board.serial }

    /// What the choice of containers asks of their labels.
    package var labelGlobs: [Glob] { board.options.selection.labelGlobs }

    package var newestEvent: Timestamp? { board.newestEvent }

    package var engine: ContainerBoard.Engine { board.engine }

    /// The engine whose events and lists follow; what is `onSocket` runs on this machine.
    package func follow(_ product: EngineProduct, onSocket: Bool) {
        board.product = product
        self.onSocket = onSocket
    }

    /// Whether the engine is on this machine: behind a proxy its containers' control groups tell.
    private var isHere: Bool { onSocket || readings.foundGroup }

    package func apply(_ event: ContainerEvent) -> ContainerBoard.News {
        if event.action == .oom, board.watches(event) {
            oomTimes = oomTimes.suffix(63) + [time.now]
        }
        return tell(board.apply(event, at: time.now))
    }

    @discardableResult
    package func apply(_ detail: ContainerDetail, mark: Int) -> ContainerBoard.News {
        tell(board.apply(detail, mark: mark, at: time.now))
    }

    @discardableResult
    package func apply(
        list: [ContainerSighting],
        details: [String: ContainerDetail],
        failures: [String: EngineError] = [:],
        mark: Int
    ) -> ContainerBoard.News {
        lists += 1
        return tell(board.apply(list: list, details: details, failures: failures, mark: mark, at: time.now))
    }

    /// Takes that a container could not be inspected.
    package func note(_ failure: EngineError, inspecting id: String) { board.note(failure, inspecting: id) }

    package func toInspect(_ list: [ContainerSighting]) -> [String] { board.toInspect(list, at: time.now) }

    package func wants(_ id: String) -> Bool { board.wants(id) }

    /// What is to be done for unwell containers now, and when to look again.
    package func heal() -> (acts: [Healing.Act], next: Duration?) {
        let (acts, next, news) = board.heal(at: time.now)
        tell(news)
        return (acts, next)
    }

    package func stillNeeds(_ act: Healing.Act) -> Bool { board.stillNeeds(act, at: time.now) }

    /// Takes how an act went.
    package func healed(_ act: Healing.Act, _ outcome: Healing.Outcome) {
        tell(board.healed(act, outcome, at: time.now))
    }

    /// What must be remembered of healing across a restart of the watchdog.
    package var healingNotes: String? { board.healing.notes }

    /// Takes the last lines of a container whose end waits to be told; `settle` or an inspect follows.
    package func take(_ log: LogTail, of id: String) { board.take(log, of: id) }

    /// Settles what waited for this container's inspect, or, without one, OOM kills that were outlived.
    ///
    /// `isGone`: the inspect found no container any more.
    package func settle(_ id: String? = nil, isGone: Bool = false) {
        tell(board.settle(id, isGone: isGone, at: time.now))
    }

    /// Takes where the engine keeps its data, on its own machine.
    package func note(dataFolder: String) { board.dataFolder = dataFolder }

    package var knowsDataFolder: Bool { board.dataFolder != nil }

    package var dataFolders: [CheckID: String] {
        guard isHere, let folder = board.dataFolder else { return [:] }
        return [check: folder]
    }

    package func running(of check: CheckID) -> BlastRadius { check == self.check ? board.up : BlastRadius([]) }

    package func streamEnded() { board.streamEnded() }

    package func engineLost(_ engine: ContainerBoard.Engine) { tell(board.engineLost(engine)) }

    @discardableResult
    private func tell(_ news: ContainerBoard.News) -> ContainerBoard.News {
        guard let publish, news.isWorthTelling else { return news }
        var told = news
        told.observations = labelled(news.observations)
        publish(told)
        return news
    }

    private func labelled(_ observations: [Observation]) -> [Observation] {
        guard let label else { return observations }
        return observations.map { observation in
            var observation = observation
            observation.labels["engine"] = label
            return observation
        }
    }

    /// What a sweep reads, and how.
    private struct Question: Sendable {
        var running: [ContainerBoard.Running]
        var options: ContainerOptions
        var readings: ContainerReadings
        var engine: ContainerBoard.Engine
        var onSocket: Bool
    }

    private func whatToRead() throws(CheckError) -> Question {
        if board.engine == .reachable, let refusal = board.refusal { throw refusal }
        board.sortSpeakers()
        return Question(
            running: board.running,
            options: board.options,
            readings: readings,
            engine: board.engine,
            onSocket: onSocket
        )
    }

    private func observations(
        keeping readings: ContainerReadings,
        after look: ContainerReadings.Look
    ) -> [Observation] {
        self.readings = readings
        let now = time.now
        if let found = killsFound, now.since(found) >= ContainerBoard.oomPatience {
            killsFound = nil
            tell(board.settle(at: now))
        }
        if board.note(look.kills, at: now) { killsFound = now }
        return labelled(board.observations(at: now) + look.observations)
    }

    /// None of an engine elsewhere: its containers' kills are no story of this machine.
    package func outOfMemory(since moment: Timestamp) -> Int { isHere ? oomTimes.count { $0 >= moment } : 0 }

    package nonisolated func known(of containers: Set<String>) async -> Set<String> {
        guard !containers.isEmpty else { return [] }
        // After a start the board is empty until the engine has answered; who asks has little time.
        try? await waitForEngine(atMost: .seconds(4))
        let (board, unmanaged) = await (board, unmanaged)
        return containers.filter { board.knows($0) || unmanaged.goesOn($0) }
    }

    package nonisolated func observations(in world: World) async throws(CheckError) -> [Observation] {
        do throws(CheckError) {
            return try await observations(host: world.host)
        } catch .notApplicable(let because, let remedy) {
            let absence = CheckError.notApplicable(because: because, remedy: remedy)
            guard await label == nil else { throw absence }
            return try await observationsWithoutEngine(in: world, because: absence)
        }
    }

    /// Where nobody said that there is an engine, the containers that their control groups name; none is no trouble.
    ///
    /// Beside other engines nobody is asked: their containers have control groups too.
    private nonisolated func observationsWithoutEngine(
        in world: World,
        because absence: CheckError
    ) async throws(CheckError) -> [Observation] {
        var containers = await unmanaged
        let options = await board.options
        let found: [Observation]?
        do throws(CheckError) {
            found = try containers.look(in: world, options)
        } catch {
            await keep(containers)
            throw error
        }
        await keep(containers)
        guard let found else { throw absence }
        let because = "\(absence.because): containers are watched by their control groups, and their ends are not"
        return [Observation.outOfSight(.engineReachable, of: .engine, because: because)] + found
    }

    private func keep(_ containers: UnmanagedContainers) { unmanaged = containers }

    /// A complete sweep from memory; only what the kernel counts of each container is read.
    ///
    /// The board is asked on the pool, where events come: on the thread of the looks they would wait for all of them.
    package nonisolated func observations(host: Host) async throws(CheckError) -> [Observation] {
        let pool = ThreadExecutor.work.preference
        var question = try await withTaskExecutorPreference(pool) { () async throws(CheckError) in
            try await waitForEngine()
            return try await whatToRead()
        }
        // Read out here: an event does not wait for files. The board is asked afterwards, for what is true by then.
        let look = Self.look(&question, host, time)
        return await withTaskExecutorPreference(pool) { [readings = question.readings] in
            await observations(keeping: readings, after: look)
        }
    }

    private static func look(_ question: inout Question, _ host: Host, _ time: any TimeSource) -> ContainerReadings.Look
    {
        guard question.engine == .reachable else {
            let because = "the engine cannot be reached"
            return ContainerReadings.Look(observations: question.readings.unknown(because: because))
        }
        return question.readings.look(
            at: question.running,
            host,
            levels: question.options.tuning.levels,
            every: question.options.readEvery,
            onSocket: question.onSocket,
            at: time.now,
            uptime: time.uptime
        )
    }

    /// The first sweep comes before the engine's first answer.
    private nonisolated func waitForEngine(atMost limit: Duration = .seconds(8)) async throws(CheckError) {
        let patience = time.uptime + limit
        while true {
            switch await engine {
            case .reachable, .unreachable: return
            case .blind(let error): throw error
            case .unknown: break
            }
            guard time.uptime < patience, (try? await time.sleep(for: .milliseconds(10))) != nil else {
                throw .degraded(because: "the Docker engine has not answered yet", remedy: nil)
            }
        }
    }
}
