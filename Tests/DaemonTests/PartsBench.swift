import Alerting
import Basics
import Curl
import Logging
import ServiceLifecycle
import Settings
import Synchronization
import TestSupport

@testable import Daemon

/// Collects log lines: level, message and metadata in one text each.
final class LogLines: Sendable {
    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            lines.all.withLock { $0.append("\(event.level) \(event.message)\(fields.joined())") }
        }
    }

    private let all = Mutex<[String]>([])

    var text: [String] { all.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }
}

/// The parts of a whole watchdog, configured by a file in a folder of its own.
final class PartsBench: Sendable {
    let folder: TemporaryFolder
    let time: any TimeSource
    let log = LogLines()
    let parts: Parts
    private let host: HostFixture

    /// - Parameters:
    ///   - yaml: The file; engine, stdout and status server are off, so are the checks that read the kernel's log, which
    ///     is this machine's, and the journal is in memory unless it says more.
    ///   - environment: `CUSTOS_…` variables.
    ///   - host: The watched machine; by default the fixture as it is.
    ///   - time: A clock that stands, or the real one.
    ///   - folder: Where file, socket and journal are; by default one of its own.
    /// - Throws: Where a file cannot be written.
    init(
        _ yaml: String = "",
        environment: [String: String] = [:],
        host: HostFixture? = nil,
        time: any TimeSource = ManualTime(),
        folder: TemporaryFolder? = nil
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        self.time = time
        let host = try host ?? HostFixture()
        self.host = host
        try folder.write("custos.yaml", Self.file(yaml, in: folder))
        let source = ConfigurationSource(
            path: folder.file("custos.yaml"),
            environment: environment,
            commandLine: []
        )
        let (configuration, problems) = source.load()
        parts = await Parts(
            configuration,
            problems: problems,
            source: source,
            environment: [
                "HOST_PROC": host.path("proc"), "HOST_SYS": host.path("sys"), "HOST_ROOT": host.path("root"),
                "HOST_RUN": host.path("run"),
            ],
            time: time,
            log: log.logger
        )
    }

    private static func file(_ yaml: String, in folder: TemporaryFolder) -> String {
        var text = yaml + "\n"
        let defaults = [
            "journal": "{path: memory}", "stdout": "off", "docker": "off", "status": "{listen: off}",
            "control": "{socket: \(folder.file("control.sock"))}", "node": "edge-7", "oom": "off", "iostuck": "off",
        ]
        for (key, value) in defaults.sorted(by: { $0.key < $1.key })
        where !text.hasPrefix("\(key):") && !text.contains("\n\(key):") {
            text += "\(key): \(value)\n"
        }
        return text
    }

    /// Replaces the file.
    func rewrite(_ yaml: String) throws { try folder.write("custos.yaml", Self.file(yaml, in: folder)) }

    /// Runs all services while `body` works, then stops them as a signal would.
    func living(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let group = ServiceGroup(services: parts.services, logger: .silent)
        parts.ending.attach(group)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await body()
            } catch {
                tasks.cancelAll()
                throw error
            }
            await parts.ending.stop("SIGTERM")
            try await tasks.waitForAll()
        }
    }

    /// One request over the control socket.
    func ask(
        _ path: String,
        _ method: HTTPRequest.Method = .get,
        body: String = "",
        over curl: CurlLoop = CurlLoop()
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(method, "http://custos\(path)")
        request.unixSocketPath = folder.file("control.sock")
        request.body = Array(body.utf8)
        return try await curl.send(request)
    }
}

extension HTTPReceiver {
    /// The native events of all requests so far, in order.
    var events: [JSON] { requests.flatMap { (try? JSON(parsing: $0.body))?.items ?? [] } }

    /// The first event of this reason.
    func event(_ reason: String) async throws -> JSON {
        try await eventually("a \(reason) event") { events.first { $0["reason"]?.stringValue == reason } }
    }
}
