import Alerting
import Basics

/// How severe an event is to those who read it as a log line, on syslog's scale.
///
/// What is resolved is a notice, whatever it was before: nobody shall be woken by it.
enum LogLevel: String {
    case info, notice, warning, critical

    init(_ event: Event) {
        self =
            switch (event.status, event.severity) {
            case (.resolved, _): .notice
            case (_, .critical): .critical
            case (_, .warning): .warning
            case (_, .info), (_, nil): .info
            }
    }

    /// OpenTelemetry's severity number, by its mapping of syslog's levels: INFO, INFO2, WARN, ERROR2.
    ///
    /// <https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings>
    var number: Int64 {
        switch self {
        case .info: 9
        case .notice: 10
        case .warning: 13
        case .critical: 18
        }
    }

    /// As OpenTelemetry and CloudEvents write it.
    var text: String { rawValue.uppercased() }
}
