import Alerting
import Basics
import Curl
import Glibc
import Journal
import SQLite
import Settings
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// The whole watchdog on the real clock, with a fixture for a host and a receiver for a sink.
@Suite struct WatchdogTests {
    private let receiver: HTTPReceiver
    private let folder: TemporaryFolder

    init() throws {
        receiver = try HTTPReceiver()
        folder = try TemporaryFolder()
    }

    private var yaml: String {
        """
        webhook: {url: '\(receiver.url())'}
        journal: {path: \(folder.file("journal.db"))}
        """
    }

    private func bench(_ more: String = "") async throws -> PartsBench {
        try await PartsBench("\(yaml)\n\(more)", time: SystemTime(), folder: folder)
    }

    @Test("S10 a start is told with what is watched; a stop with its reason; and the next start finds a clean end")
    func startAndStop() async throws {
        let first = try await bench()
        try await first.living {
            let event = try await receiver.event("started")
            #expect(event["annotations"]?["previous_end"]?.stringValue == "first start")
            #expect(event["annotations"]?["watched"]?.stringValue?.contains("filefd") == true)
            #expect(event["sequence"] == .integer(1))
        }
        #expect(try await receiver.event("stopping")["summary"]?.stringValue == "custos on edge-7 stops: SIGTERM")
        #expect(receiver.events.map { $0["sequence"] } == (1...2).map { .integer($0) })
        let second = try await bench()
        guard case .clean = second.parts.opening.found else {
            Issue.record("the end was not clean: \(second.parts.opening.found)")
            return
        }
        await second.parts.journal.close()
    }

    @Test("a start tells of rows of the journal that it cannot read, and goes on with the rest")
    func unreadableRows() async throws {
        let path = folder.file("journal.db")
        await Journal.open(at: .file(path), time: SystemTime()).journal.close()
        let database = try Connection(.file(path))
        try database.run("INSERT INTO alert VALUES ('a', '{\"odd\":1}'), ('b', '{\"odd\":1}')")
        try database.run("INSERT INTO silence VALUES ('01JD6Q3Z8W0R5K7M2N4P6T8V9X', 1, '{\"odd\":1}')")
        let bench = try await bench()
        try await bench.living {
            _ = try await receiver.event("started")
            let told = receiver.events.filter { $0["reason"]?.stringValue == "journal_trouble" }
            #expect(told.map { $0["summary"]?.stringValue } == ["3 rows of the journal are unreadable and left out"])
            #expect(told.first?["annotations"]?["rows"]?.stringValue == "alert: 2, silence: 1")
        }
        #expect(bench.log.text.contains("error journal rows left out rows=alert: 2, silence: 1"))
    }

    @Test("a cancelled watchdog returns promptly, also while a sink hangs")
    func cancellation() async throws {
        receiver.always(.init(.hang))
        let source = ConfigurationSource(
            path: nil,
            environment: [
                "CUSTOS_WEBHOOK__URL": receiver.url(), "CUSTOS_STDOUT": "off", "CUSTOS_DOCKER": "off",
                "CUSTOS_STATUS__LISTEN": "off", "CUSTOS_JOURNAL__PATH": folder.file("journal.db"),
                "CUSTOS_CONTROL__SOCKET": folder.file("control.sock"), "CUSTOS_NODE": "edge-7",
                "CUSTOS_LOG__LEVEL": "critical", "CUSTOS_OOM": "off", "CUSTOS_IOSTUCK": "off",
            ],
            commandLine: []
        )
        let host = try HostFixture()
        let daemon = CustosDaemon(source: source, environment: ["HOST_PROC": host.path("proc")])
        let time = SystemTime()
        let cancelled = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await daemon.run() }
            _ = try await receiver.requests(1)
            let cancelled = time.uptime
            group.cancelAll()
            try await group.waitForAll()
            return cancelled
        }
        #expect(time.uptime - cancelled < .seconds(6))
        #expect(receiver.events.first?["reason"]?.stringValue == "started")
    }

    @Test("a stop is prompt while clients keep their connections open")
    func stopWithOpenConnections() async throws {
        let curl = CurlLoop()
        let bench = try await bench("status: {listen: 127.0.0.1:0}")
        let time = SystemTime()
        let asked = Stopwatch()
        try await bench.living {
            _ = try await receiver.event("started")
            #expect(try await bench.ask("/v1/health", over: curl).status == 200)
            asked.start(time.uptime)
        }
        #expect(time.uptime - asked.started < .seconds(6))
    }

    private final class Stopwatch: Sendable {
        private let moment = Mutex(Duration.zero)

        var started: Duration { moment.withLock { $0 } }
        func start(_ uptime: Duration) { moment.withLock { $0 = uptime } }
    }

    @Test("S32 a file with a problem keeps the watchdog from starting")
    func refused() async throws {
        try folder.write("custos.yaml", "filefd: {warning: lots}\n")
        let source = ConfigurationSource(path: folder.file("custos.yaml"), environment: [:], commandLine: [])
        let error = await #expect(throws: CustosDaemon.Refused.self) {
            try await CustosDaemon(source: source, environment: [:]).run()
        }
        #expect(error?.problems.map(\.path) == ["filefd.warning"])
    }

    @Test("S32 a typo in the environment is told, and the watchdog runs")
    func environmentTypo() async throws {
        let bench = try await PartsBench(
            yaml,
            environment: ["CUSTOS_FILEFD__WARNNING": "1%"],
            time: SystemTime(),
            folder: folder
        )
        try await bench.living {
            let event = try await receiver.event("configuration_problem")
            #expect(event["severity"]?.stringValue == "warning")
            #expect(event["annotations"]?["problem_1"]?.stringValue?.contains("WARNNING") == true)
            _ = try await receiver.event("started")
        }
    }

    @Test("S33 where the configured folder cannot be used, the control socket is beside the journal")
    func socketBesideJournal() async throws {
        let places = ControlSocketPath.candidates(
            control: settings("/proc/nowhere/control.sock"),
            journal: journal(folder.file("journal.db"))
        )
        #expect(places == ["/proc/nowhere/control.sock", folder.file("control.sock")])
        #expect(ControlSocketPath.forListening(places) == folder.file("control.sock"))
        #expect(ControlSocketPath.forAsking(places) == "/proc/nowhere/control.sock")
        let bench = try await bench("control: {socket: /proc/nowhere/control.sock}")
        try await bench.living {
            let answer = try await eventually("an answer") { try? await bench.ask("/v1/health") }
            #expect(answer.status == 200)
            #expect(ControlSocketPath.forAsking(places) == folder.file("control.sock"))
        }
        // Nobody is sent to a socket that nobody listens on.
        #expect(!folder.names.contains("control.sock"))
    }

    @Test("S33 no place for the control socket is said, and the watchdog runs")
    func noSocket() async throws {
        let bench = try await PartsBench(
            "webhook: {url: '\(receiver.url())'}\ncontrol: {socket: /proc/nowhere/control.sock}",
            time: SystemTime()
        )
        try await bench.living { _ = try await receiver.event("started") }
        #expect(bench.log.text.contains { $0.hasPrefix("error no control socket") })
        let long = "/tmp/" + String(repeating: "x", count: 110) + ".sock"
        #expect(ControlSocketPath.forListening([long]) == nil)
    }

    private func settings(_ socket: String) -> ControlSettings {
        var settings = ControlSettings()
        settings.socket = socket
        return settings
    }

    private func journal(_ path: String) -> JournalSettings {
        var settings = JournalSettings()
        settings.path = path
        return settings
    }
}
