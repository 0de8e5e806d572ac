package import Alerting
import Basics
import Glibc
package import Settings
import Synchronization

/// Prints every event to standard output, one line each.
///
/// A slow reader blocks nothing: a full pipe is asked again for a while and then left to the dispatcher, and a pipe that
/// nobody reads any more is told once on stderr and then ignored (S7).
package struct StdoutSink: Sink {
    package static let kind = "stdout"
    package static let summary = "Prints every event to standard output."
    package static let instances = Instances.single
    package static let runsByDefault = true

    package struct Settings: SettingsGroup, Equatable {
        package var format = StdoutFormat.auto

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field("format", \.format, "How an event is written; auto is text on a terminal and json elsewhere.")
            }
        }
    }

    /// How long a full pipe is asked again before the dispatcher hears of it.
    private static let patience = Duration.seconds(10)
    private static let pause = Duration.milliseconds(200)

    private let format: StdoutFormat
    private let text: TextLines
    private let version: String
    private let output: OutputStream
    private let time: any TimeSource
    private let progress = Progress()

    package init(_ settings: Settings, tools: SinkTools) {
        self.init(
            settings,
            output: .standard,
            time: tools.time,
            coloured: Self.wantsColour,
            version: tools.version
        )
    }

    init(_ settings: Settings, output: OutputStream, time: any TimeSource, coloured: Bool, version: String = "") {
        format = settings.format.resolved(terminal: output.isTerminal)
        text = TextLines(coloured: coloured && output.isTerminal, offset: StdoutFormat.localOffset)
        self.output = output
        self.time = time
        self.version = version
    }

    package var policy: DeliveryPolicy {
        var policy = DeliveryPolicy()
        policy.batchMax = 100
        policy.replaysBacklog = false
        return policy
    }

    package func deliver(_ delivery: Delivery) async throws(DeliveryError) {
        let printed = progress.printed(of: delivery.id)
        for (index, queued) in delivery.events.enumerated().dropFirst(printed) {
            try await print(format.lines(queued, text: text, version: version))
            progress.set(delivery.id, index + 1)
        }
    }

    private func print(_ line: [UInt8]) async throws(DeliveryError) {
        let start = time.uptime
        while true {
            do throws(OutputStream.Failure) {
                return try output.write(line)
            } catch {
                switch error {
                case .closed: return output.reportClosed()
                case .refused(let number):
                    throw .transient(because: "stdout cannot be written: \(String(cString: strerror(number)))")
                case .full: break
                }
            }
            guard time.uptime - start < Self.patience, (try? await time.sleep(for: Self.pause)) != nil else {
                throw .transient(because: "nobody reads stdout: the pipe is full", retryAfter: .seconds(1))
            }
        }
    }

    /// <https://no-color.org>: any value that is not empty.
    private static var wantsColour: Bool {
        guard let value = getenv("NO_COLOR") else { return true }
        return value.pointee == 0
    }

    /// How much of the delivery that was last tried is out: a repeated attempt does not print it twice.
    private final class Progress: Sendable {
        private let state = Mutex<(delivery: ULID?, count: Int)>((nil, 0))

        func printed(of delivery: ULID) -> Int {
            state.withLock { $0.delivery == delivery ? $0.count : 0 }
        }

        func set(_ delivery: ULID, _ count: Int) {
            state.withLock { $0 = (delivery, count) }
        }
    }
}

extension StdoutFormat: SettingChoice {}
