import Alerting
import Basics
import Glibc

/// What a line on stdout looks like.
package enum StdoutFormat: String, CaseIterable, Sendable {
    /// `text` on a terminal, otherwise `json`.
    case auto
    case json, logfmt, text
    /// Elastic Common Schema.
    case ecs
    /// OpenTelemetry's log records as OTLP/JSON.
    case otel

    /// The format that `auto` stands for.
    func resolved(terminal: Bool) -> StdoutFormat {
        self == .auto ? (terminal ? .text : .json) : self
    }

    /// The event's line or lines, with the final newline.
    func lines(_ queued: QueuedEvent, text: TextLines, version: String) -> [UInt8] {
        let line =
            switch self {
            case .auto, .json: EventLine.json(queued)
            case .logfmt: EventLine.logfmt(queued)
            case .text: text.text(queued.event)
            case .ecs: EventLine.ecs(queued)
            case .otel: EventLine.otel(queued, version: version)
            }
        return Array((line + "\n").utf8)
    }

    /// Seconds east of UTC by `TZ` or `/etc/localtime`.
    @Sendable static func localOffset(_ moment: Timestamp) -> Int {
        var seconds = time_t(moment.milliseconds / 1000)
        var parts = tm()
        return localtime_r(&seconds, &parts) == nil ? 0 : parts.tm_gmtoff
    }
}
