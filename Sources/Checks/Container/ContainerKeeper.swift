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

    package init(_ board: ContainerBoard, time: any TimeSource) {
        self.board = board
        self.time = time
    }

    /// Hands all further news to `publish`, in the order in which they came about.
    package func attach(_ publish: @escaping @Sendable (ContainerBoard.News) -> Void) {
        self.publish = publish
    }

    /// Takes new settings at a reload.
    ///
    /// - Returns: The targets that are no longer chosen.
    package func use(_ options: ContainerOptions) -> [Target] { board.use(options).gone }

    /// Rises with each event; read it before asking the engine.
    package var mark: Int { board.serial }

    package var newestEvent: Timestamp? { board.newestEvent }

    package var engine: ContainerBoard.Engine { board.engine }

    package func apply(_ event: ContainerEvent) -> ContainerBoard.News { tell(board.apply(event, at: time.now)) }

    @discardableResult
    package func apply(_ detail: ContainerDetail, mark: Int) -> ContainerBoard.News {
        tell(board.apply(detail, mark: mark, at: time.now))
    }

    package func apply(list: [ContainerSighting], details: [String: ContainerDetail], mark: Int) {
        lists += 1
        tell(board.apply(list: list, details: details, mark: mark, at: time.now))
    }

    package func toInspect(_ list: [ContainerSighting]) -> [String] { board.toInspect(list, at: time.now) }

    package func wants(_ id: String) -> Bool { board.wants(id) }

    /// Settles what waited for this container's inspect, or, without one, OOM kills that were outlived.
    package func settle(_ id: String? = nil) { tell(board.settle(id, at: time.now)) }

    package func streamEnded() { board.streamEnded() }

    package func engineLost(_ engine: ContainerBoard.Engine) { tell(board.engineLost(engine)) }

    @discardableResult
    private func tell(_ news: ContainerBoard.News) -> ContainerBoard.News {
        if !news.observations.isEmpty || !news.gone.isEmpty { publish?(news) }
        return news
    }

    private struct View {
        var observations: [Observation]
        var namespaces: [ContainerBoard.Namespace]
    }

    private var view: View {
        View(observations: board.observations(at: time.now), namespaces: board.namespaces)
    }

    /// A complete sweep from memory; only the containers' own network files are read.
    package nonisolated func observations(host: Host) async throws(CheckError) -> [Observation] {
        try await waitForEngine()
        let view = await self.view
        return view.observations + Self.overflows(view.namespaces, host)
    }

    /// The first sweep comes before the engine's first answer.
    private nonisolated func waitForEngine() async throws(CheckError) {
        let patience = time.uptime + .seconds(8)
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

    /// Listen overflows of each container's own namespace (S27).
    private nonisolated static func overflows(_ namespaces: [ContainerBoard.Namespace], _ host: Host) -> [Observation] {
        guard !namespaces.isEmpty else { return [] }
        guard host.scope != .container else {
            let because = "the containers' processes are not visible: mount the host's proc at /host/proc"
            return [Observation(.containerListenOverflows, of: .engine, .unknown(because: because), scope: .unknown)]
        }
        return namespaces.map { space in
            let value: Observation.Value
            do {
                let overflows = try host.netStat(of: .process(space.pid)).value.listenOverflows
                value =
                    overflows.map { .number(Double($0)) } ?? .unknown(because: "the kernel does not count overflows")
            } catch {
                value = .unknown(because: "\(error)".safe(limit: 300))
            }
            return Observation(
                .containerListenOverflows,
                of: space.target,
                value,
                scope: .container,
                labels: space.labels
            )
        }
    }
}
