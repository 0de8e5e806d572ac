import Alerting
import Basics
import Curl
import Glibc
import Settings
import Synchronization
import TestSupport
import Testing

@testable import Sinks

/// A sink before a receiver that the test controls: what `SinkSuite` runs on.
struct SinkBench: Sendable, CustomTestStringConvertible {
    /// How the receiver behaves.
    enum Weather: Sendable {
        case fair
        /// Every attempt fails, and another would be worth it.
        case refusing
        /// An attempt does not end by itself.
        case hanging
    }

    let kind: String
    let testDescription: String
    /// Text that no error may show.
    let secrets: [String]
    let start: @Sendable (Weather) throws -> Running

    /// One sink that runs before its receiver.
    struct Running: Sendable {
        let sink: any Sink
        /// Everything that was received, in order.
        let told: @Sendable () -> String
        /// The idempotency key of each attempt; none where the sink has no use for one.
        let keys: @Sendable () -> [String]
        /// Ends foul weather.
        let clear: @Sendable () -> Void
        /// Returns once an attempt is under way.
        let underWay: @Sendable () async throws -> Void
    }

    static let all = [stdout] + WebhookFormat.allCases.map(webhook)

    private static let hidden = [
        "pathT0KEN", "queryT0KEN", "userT0KEN", "passT0KEN", "bearerT0KEN", "headerT0KEN", "hmacT0KEN",
    ]

    private static func webhook(_ format: WebhookFormat) -> SinkBench {
        SinkBench(kind: WebhookSink.kind, testDescription: "webhook \(format.rawValue)", secrets: hidden) { weather in
            let receiver = try HTTPReceiver()
            switch weather {
            case .fair: break
            // A receiver that repeats everything it was sent.
            case .refusing:
                receiver.always { request in
                    .init(503, body: request.target + request.headers.values.joined(separator: " "))
                }
            case .hanging: receiver.always(.init(.hang))
            }
            var settings = WebhookSettings()
            settings.url = HTTPAddress(
                "http://userT0KEN:passT0KEN@127.0.0.1:\(receiver.port)/hook/pathT0KEN?key=queryT0KEN"
            )
            settings.format = format
            settings.template = format == .template ? #"{"summary": "{{summary}}"}"# : ""
            settings.secret = Secret("hmacT0KEN")
            settings.headers = ["X-Token": Secret("headerT0KEN")]
            settings.bearer = Secret("bearerT0KEN")
            let tools = SinkTools(curl: CurlLoop(), time: ManualTime(), version: "1.0.0")
            return Running(
                sink: WebhookSink(settings, tools: tools),
                told: { receiver.requests.map(\.text).joined(separator: "\n") },
                keys: { receiver.requests.compactMap { $0.header("Idempotency-Key") } },
                clear: { receiver.always(.init(200)) },
                underWay: { _ = try await receiver.requests(1) }
            )
        }
    }

    private static let stdout = SinkBench(kind: StdoutSink.kind, testDescription: "stdout", secrets: []) { weather in
        let pipe = try Pipe()
        if weather != .fair { pipe.fill() }
        let waiting = ManualTime()
        let time: any TimeSource = weather == .hanging ? waiting : HastyTime()
        let output = OutputStream(descriptor: pipe.writer, diagnostics: pipe.writer)
        let sink = StdoutSink(.init(), output: output, time: time, coloured: false)
        return Running(
            sink: sink,
            told: { pipe.drain() },
            keys: { [] },
            clear: { _ = pipe.drain() },
            underWay: { _ = try await eventually("a wait") { waiting.sleeperCount > 0 ? true : nil } }
        )
    }
}

/// A clock on which every wait is over at once.
final class HastyTime: TimeSource {
    private let passed = Mutex(Duration.zero)

    var now: Timestamp { Samples.time }
    var uptime: Duration { passed.withLock { $0 } }

    func sleep(for span: Duration) async throws {
        try Task.checkCancellation()
        passed.withLock { $0 += span }
    }
}

/// Both ends of a pipe.
final class Pipe: Sendable {
    let reader: Int32
    let writer: Int32

    /// The system gave no pipe.
    struct NoPipe: Error {
        var errno: Int32
    }

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw NoPipe(errno: errno) }
        (reader, writer) = (ends[0], ends[1])
        _ = fcntl(reader, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Writes dots until there is no room.
    func fill() {
        let flags = fcntl(writer, F_GETFL)
        _ = fcntl(writer, F_SETFL, flags | O_NONBLOCK)
        let dots = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
        while write(writer, dots, dots.count) > 0 {}
        _ = fcntl(writer, F_SETFL, flags)
    }

    /// Everything that is in the pipe.
    func drain() -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(reader, &piece, piece.count), count > 0 { bytes += piece.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
