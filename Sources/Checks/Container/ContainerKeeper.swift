package import Alerting
package import Basics
package import Procfs

/// Owns the board: the one place where events, lists and sweeps meet.
package actor ContainerKeeper: ContainerWatch {
    private var board: ContainerBoard
    private let time: any TimeSource
    /// How many lists were taken.
    package private(set) var lists = 0
    private var publish: (@Sendable (ContainerBoard.News) -> Void)?
    private var overflows: OverflowReadings
    /// When containers ran out of memory of late, by our clock.
    private var oomTimes: [Timestamp] = []

    /// The containers' own network files are read at most every `networkEvery`.
    package init(_ board: ContainerBoard, time: any TimeSource, networkEvery: Duration = .seconds(115)) {
        self.board = board
        self.time = time
        overflows = OverflowReadings(every: networkEvery)
    }

    /// Hands all further news to `publish`, in the order in which they came about.
    package func attach(_ publish: @escaping @Sendable (ContainerBoard.News) -> Void) {
        self.publish = publish
    }

    /// Takes new settings at a reload.
    ///
    /// - Returns: The targets that are no longer chosen.
    package func use(_ options: ContainerOptions) -> [Target] {
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

    package func apply(_ event: ContainerEvent) -> ContainerBoard.News {
        if event.action == .oom, board.watches(event.identity) {
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
        mark: Int
    ) -> ContainerBoard.News {
        lists += 1
        return tell(board.apply(list: list, details: details, mark: mark, at: time.now))
    }

    package func toInspect(_ list: [ContainerSighting]) -> [String] { board.toInspect(list, at: time.now) }

    package func wants(_ id: String) -> Bool { board.wants(id) }

    /// Settles what waited for this container's inspect, or, without one, OOM kills that were outlived.
    package func settle(_ id: String? = nil) { tell(board.settle(id, at: time.now)) }

    /// Takes where the engine keeps its data on this machine.
    package func note(dataFolder: String) { board.dataFolder = dataFolder }

    package var dataFolder: String? { board.dataFolder }

    package var running: BlastRadius { board.up }

    package func streamEnded() { board.streamEnded() }

    package func engineLost(_ engine: ContainerBoard.Engine) { tell(board.engineLost(engine)) }

    @discardableResult
    private func tell(_ news: ContainerBoard.News) -> ContainerBoard.News {
        if news.isWorthTelling { publish?(news) }
        return news
    }

    private func toRead() -> (namespaces: [ContainerBoard.Namespace], overflows: OverflowReadings) {
        board.sortSpeakers()
        return (board.namespaces, overflows)
    }

    private func observations(keeping readings: OverflowReadings) -> [Observation] {
        overflows = readings
        return board.observations(at: time.now)
    }

    package func outOfMemory(since moment: Timestamp) -> Int { oomTimes.count { $0 >= moment } }

    package nonisolated func known(of containers: Set<String>) async -> Set<String> {
        guard !containers.isEmpty else { return [] }
        // After a start the board is empty until the engine has answered; who asks has little time.
        try? await waitForEngine(atMost: .seconds(4))
        let board = await board
        return containers.filter { board.knows($0) }
    }

    /// A complete sweep from memory; only the containers' own network files are read.
    ///
    /// The board is asked on the pool, where events come: on the thread of the looks they would wait for all of them.
    package nonisolated func observations(host: Host) async throws(CheckError) -> [Observation] {
        let pool = ThreadExecutor.work.preference
        var (namespaces, readings) = try await withTaskExecutorPreference(pool) { () async throws(CheckError) in
            try await waitForEngine()
            return await toRead()
        }
        // Read out here: an event does not wait for files. The board is asked afterwards, for what is true by then.
        let overflows = readings.observe(namespaces, host, uptime: time.uptime)
        let states = await withTaskExecutorPreference(pool) { [readings] in
            await observations(keeping: readings)
        }
        return states + overflows
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
