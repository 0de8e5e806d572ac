package import Basics
import Glibc
package import Logging

/// Writes the log to stderr, one line an entry: `logfmt` for people, `json` for a cluster's log store.
package struct StandardErrorLog: LogHandler {
    /// How a line is written.
    package enum Format: String, CaseIterable, Sendable { case logfmt, json }

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let format: Format
    private let time: any TimeSource

    package init(level: Logger.Level, format: Format, time: any TimeSource) {
        logLevel = level
        self.format = format
        self.time = time
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let extra = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        var fields = [
            ("time", time.now.description), ("level", event.level.rawValue), ("msg", event.message.description),
        ]
        fields += extra.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description.safe()) }
        Self.write(line(fields))
    }

    private func line(_ fields: [(String, String)]) -> String {
        switch format {
        case .json: JSON.object(fields.map { JSON.Member($0.0, .string($0.1)) }).text
        case .logfmt: fields.map { "\($0.0)=\(Self.quoted($0.1))" }.joined(separator: " ")
        }
    }

    private static func quoted(_ value: String) -> String {
        let plain =
            !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
        return plain ? value : JSON.string(value).text
    }

    /// One `write(2)`, so that lines of several threads do not mix; a closed stderr is nobody's business, and where nobody
    /// reads it a line is lost rather than the watch.
    private static func write(_ line: String) {
        var room = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&room, 1, 0) != 0 else { return }
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

extension StandardErrorLog {
    /// The watchdog's logger.
    static func logger(_ settings: LogSettings, time: any TimeSource) -> Logger {
        let format: Format =
            switch settings.format {
            case .logfmt: .logfmt
            case .json: .json
            }
        return Logger(label: "custos") { _ in
            StandardErrorLog(
                level: Logger.Level(rawValue: settings.level.rawValue) ?? .notice,
                format: format,
                time: time
            )
        }
    }
}

extension Logger {
    /// For libraries whose diagnostics nobody here needs.
    static var silent: Logger { Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() } }
}
