import Alerting
import Basics
import Procfs

/// Whether there is room on the filesystem where a container engine keeps its data.
struct EngineRoom {
    private let folder: String
    private let engine: CheckID
    private let system: FileSystem
    private let answer: FileSystemAnswer

    /// Nil where the filesystem is not among those that were asked.
    ///
    /// - Parameters:
    ///   - folder: Where the engine keeps its data on the host.
    ///   - engine: The check that watches it.
    ///   - mounts: All of the host's.
    ///   - answers: The filesystems that were asked, with what they said.
    init?(
        _ folder: String,
        of engine: CheckID,
        _ mounts: MountInfo,
        among answers: some Sequence<(FileSystem, FileSystemAnswer)>
    ) {
        guard let device = mounts.mount(holding: folder)?.device,
            let (system, answer) = answers.first(where: { $0.0.device == device })
        else { return nil }
        self.folder = folder
        self.engine = engine
        self.system = system
        self.answer = answer
    }

    private enum State: String { case room, full, readOnly = "read_only" }

    private var state: State? {
        if system.access != .writable { return .readOnly }
        guard case .use(let use) = answer else { return nil }
        return use.isExhausted ? .full : .room
    }

    /// The states in which nobody can write there.
    static let bad: [String: Severity] = [State.full.rawValue: .critical, State.readOnly.rawValue: .critical]

    /// Whether the containers are to be named.
    var isBad: Bool { state.map { Self.bad[$0.rawValue] != nil } ?? false }

    /// The filesystem; of an engine with a name, with the check that watches it: each is told with its own containers.
    private var target: Target { Target(engine.instance == nil ? system.name : "\(system.name) (\(engine))") }

    /// What is told, with the containers that cannot write.
    func observation(_ containers: BlastRadius) -> Observation {
        guard let state else {
            let silent = Observation.Value.unknown(because: "the filesystem does not tell its space")
            return Observation(DiskCheck.engineData, of: target, silent)
        }
        let stopped = containers.count.map { "; \($0) cannot write" } ?? ""
        let whose = engine.instance.map { "the engine `\($0)`" } ?? "the Docker engine"
        let place = "\(system.name.safe(limit: 200)), where \(whose) keeps its data,"
        return Observation(
            DiskCheck.engineData,
            of: target,
            .state(state.rawValue),
            summary: "\(place) \(said(state))\(stopped)",
            // The check that watches the engine: the alerts of its containers wait, and how full it is, too.
            labels: ["engine_check": "\(engine)", "filesystem": system.name],
            annotations: containers.annotations.merging(["engine_data": folder.safe(limit: 200)]) { $1 }
        )
    }

    private func said(_ state: State) -> String {
        switch (state, answer) {
        case (.full, .use(let use)): "is full: \(use.rest)"
        case (.full, _): "is full"
        case (.readOnly, _): "is read-only"
        case (.room, _): "has room"
        }
    }
}

extension FileSystemUse {
    /// Whether so little is left that the next layer, log line or database page may be the one that fails: less than a
    /// hundredth, and on large disks less than 256 MiB; the same of the inodes, and less than a thousand.
    var isExhausted: Bool {
        if size > 0, available < min(size / 100, 256 << 20) { return true }
        return files > 0 && freeFiles < min(files / 100, 1000)
    }

    fileprivate var rest: String {
        let space = "\(Unit.bytes.text(Double(available))) of \(Unit.bytes.text(Double(size)))"
        return files > 0 ? "\(space) and \(freeFiles) of \(files) inodes are left" : "\(space) are left"
    }
}
