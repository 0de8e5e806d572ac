import Alerting
import Basics
import Glibc
import Settings
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite struct ReloaderTests {
    private let time = ManualTime()
    private let folder: TemporaryFolder
    private let outcomes = Outcomes()

    private final class Outcomes: Sendable {
        let all = Mutex<[Reloader.Outcome]>([])

        var count: Int { all.withLock(\.count) }
    }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func reloader(environment: [String: String] = [:]) -> Reloader {
        let source = ConfigurationSource(
            path: folder.file("custos.yaml"),
            environment: environment,
            commandLine: []
        )
        return Reloader(source: source, time: time) { [outcomes] outcome in
            outcomes.all.withLock { $0.append(outcome) }
        }
    }

    @Test("S14 a file that gains a schedule changes that instance alone")
    func scheduleIsTakenUp() async throws {
        func prints(_ outcome: Reloader.Outcome?) -> [String: (String, Bool)] {
            guard case .accepted(let configuration, _) = outcome else { return [:] }
            return Dictionary(
                uniqueKeysWithValues: configuration.checks.map { ($0.id.kind, ($0.fingerprint, $0.timetable != nil)) }
            )
        }
        let reloader = reloader()
        for text in ["disk: {every: 1m}\n", "disk:\n  schedule: \"CRON_TZ=Europe/Berlin */5 * * * *\"\n"] {
            try folder.write("custos.yaml", text)
            await reloader.reload()
        }
        let (before, after) = outcomes.all.withLock { (prints($0.first), prints($0.last)) }
        #expect(before["disk"]?.1 == false && after["disk"]?.1 == true)
        #expect(before["disk"]?.0 != after["disk"]?.0)
        #expect(before["cpu"]?.0 == after["cpu"]?.0)
        try folder.write("custos.yaml", "disk:\n  schedule: \"0 0 30 2 *\"\n")
        await reloader.reload()
        guard case .refused(let problems) = outcomes.all.withLock(\.last) else {
            Issue.record("a schedule that never comes was taken")
            return
        }
        #expect(problems.map(\.description).first?.contains("custos.yaml:2:3: disk.schedule: ") == true)
    }

    @Test("S32 a bad file is refused as a whole; the next good one is taken")
    func badThenGood() async throws {
        try folder.write("custos.yaml", "filefd: {warning: 80%}\n")
        let reloader = reloader()
        let accepted = await reloader.lastAccepted
        time.advance(by: .seconds(60))
        try folder.write("custos.yaml", "filefd: {warning: 80%, critcal: 90%}\nneigh: {every: 1m}\n")
        await reloader.reload()
        guard case .refused(let problems) = outcomes.all.withLock(\.last) else {
            Issue.record("the bad file was taken")
            return
        }
        #expect(problems.map(\.path) == ["filefd.critcal"])
        #expect(await !reloader.wasLastAccepted)
        #expect(await reloader.lastAccepted == accepted)
        try folder.write("custos.yaml", "neigh: {every: 1m}\n")
        await reloader.reload()
        guard case .accepted(let configuration, let warnings) = outcomes.all.withLock(\.last) else {
            Issue.record("the good file was refused")
            return
        }
        #expect(warnings.isEmpty)
        #expect(configuration.checks.first { $0.id.kind == "neigh" }?.every == .seconds(60))
        #expect(await reloader.wasLastAccepted)
        #expect(await reloader.lastAccepted == time.now)
    }

    @Test("S32 a bad variable in the environment is a warning, also at a reload")
    func environmentWarns() async throws {
        try folder.write("custos.yaml", "neigh: {every: 1m}\n")
        await reloader(environment: ["CUSTOS_FILEFD__WARNNING": "1%"]).reload()
        guard case .accepted(_, let warnings) = outcomes.all.withLock(\.last) else {
            Issue.record("the file was refused")
            return
        }
        #expect(warnings.count == 1)
    }

    @Test("a file that vanishes is refused, and taken when it is back")
    func vanished() async throws {
        try folder.write("custos.yaml", "neigh: {every: 1m}\n")
        let reloader = reloader()
        unlink(folder.file("custos.yaml"))
        await reloader.reload()
        #expect(await !reloader.wasLastAccepted)
        try folder.write("custos.yaml", "neigh: {every: 1m}\n")
        await reloader.reload()
        #expect(await reloader.wasLastAccepted)
    }

    /// Lets the reloader look once.
    private func look(_ reloader: Reloader, for changes: Int) async throws {
        _ = try await eventually("a wait") { time.sleeperCount == 1 ? true : nil }
        time.advance(by: .seconds(5))
        _ = try await eventually("\(changes) outcomes") {
            outcomes.count >= changes && time.sleeperCount == 1 ? true : nil
        }
    }

    @Test("a swap of the folder behind a symbolic link is taken up within the interval, once")
    func symlinkSwap() async throws {
        for (version, every) in [("v1", "1m"), ("v2", "2m")] {
            mkdir(folder.file(version), 0o755)
            try folder.write("\(version)/custos.yaml", "neigh: {every: \(every)}\n")
        }
        symlink("v1", folder.file("..data"))
        symlink("..data/custos.yaml", folder.file("custos.yaml"))
        let reloader = reloader()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await reloader.run() }
            try await look(reloader, for: 0)
            #expect(outcomes.count == 0)
            symlink("v2", folder.file("..next"))
            rename(folder.file("..next"), folder.file("..data"))
            try await look(reloader, for: 1)
            try await look(reloader, for: 1)
            group.cancelAll()
        }
        #expect(outcomes.count == 1)
        guard case .accepted(let configuration, _) = outcomes.all.withLock(\.last) else {
            Issue.record("the swap was refused")
            return
        }
        #expect(configuration.checks.first { $0.id.kind == "neigh" }?.every == .seconds(120))
    }
}
