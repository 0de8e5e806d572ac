import Alerting
import Basics
import Checks
import Curl
import DockerEngine
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// A watcher on an engine stub, with what it told.
final class WatchedStub: Sendable {
    let stub: EngineStub
    let keeper: ContainerKeeper
    let watcher: EngineWatcher
    let resyncs = Resyncs()
    private let sweeps: Told<Sweep>
    private let notes: Told<EngineWatcher.Note>

    init(
        _ stub: EngineStub,
        _ options: ContainerOptions = ContainerOptions(),
        time: any TimeSource = SystemTime(),
        isConfigured: Bool = true,
        wasSeen: Bool = false
    ) {
        self.stub = stub
        let sweeps = Told<Sweep>()
        let notes = Told<EngineWatcher.Note>()
        self.sweeps = sweeps
        self.notes = notes
        keeper = ContainerKeeper(ContainerBoard(options), time: time)
        watcher = EngineWatcher(
            address: stub.address,
            isConfigured: isConfigured,
            wasSeen: wasSeen,
            loop: CurlLoop(),
            keeper: keeper,
            time: time,
            resyncs: resyncs,
            submit: { sweeps.add($0) },
            note: { notes.add($0) }
        )
    }

    /// Runs the watcher beside `body`, which starts when the first list is in.
    func watch(_ body: @Sendable @escaping (WatchedStub) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let watcher = watcher
            group.addTask { try? await watcher.run() }
            try await connected(1)
            try await body(self)
            group.cancelAll()
        }
    }

    var observations: [Observation] {
        sweeps.all.flatMap { sweep -> [Observation] in
            if case .success(let observations) = sweep.outcome { observations } else { [] }
        }
    }

    var deaths: [Observation] { observations.filter { $0.measure.name == "container_death" } }

    var engineStates: [Observation.Value] {
        observations.filter { $0.measure.name == "docker_engine_reachable" }.map(\.value)
    }

    var gone: [Target] { sweeps.all.flatMap(\.gone) }

    func connected(_ count: Int) async throws {
        _ = try await eventually("\(count) connections") {
            self.notes.all.count { if case .connected = $0 { true } else { false } } >= count ? true : nil
        }
    }

    func death(_ count: Int = 1) async throws -> Observation {
        try await eventually("\(count) deaths") { self.deaths.count >= count ? self.deaths[count - 1] : nil }
    }

    var inspects: Int { stub.paths.count { $0.hasPrefix("/containers/") && $0 != "/containers/json" } }
}

/// What was handed over, in order.
final class Told<Item: Sendable>: Sendable {
    private let items = Mutex<[Item]>([])
    var all: [Item] { items.withLock { $0 } }
    func add(_ item: Item) { items.withLock { $0.append(item) } }
}
