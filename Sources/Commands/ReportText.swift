import Alerting
import Basics

/// The one-shot report for people: the worst first, one line per finding, then what is well in short.
struct ReportText {
    private let report: Report
    private let isColoured: Bool

    private static let mostCommands = 5
    private static let mostFactors = 10

    init(_ report: Report, isColoured: Bool) {
        self.report = report
        self.isColoured = isColoured
    }

    var text: String {
        var text = "\(report.node)  \(report.time)  \(painted(report.status, report.status.word))\n\n"
        let width = report.checks.map(\.check.description.count).max() ?? 0
        for check in report.checks.sorted(by: { ($1.status, $0.check) < ($0.status, $1.check) }) {
            let name = check.check.description
            let padding = String(repeating: " ", count: width - name.count)
            text += "\(painted(check.status, check.status.badge))  \(name)\(padding)  \(headline(check))\n"
            for reading in check.readings where reading.status != .ok {
                let because = reading.judgement.because ?? ""
                let pending = reading.isPending ? " (not yet for long enough)" : ""
                text += "      \(painted(reading.status, reading.status.word))  "
                let target = reading.observation.target.name.safe(limit: 120)
                text += "\(target) \(Self.name(reading.observation.measure)): \(because)\(pending)\n"
            }
            if let remedy = check.remedy { text += "      → \(remedy)\n" }
            for command in check.commands.prefix(Self.mostCommands) { text += "      $ \(command)\n" }
        }
        return text + triage
    }

    /// How urgent all of it is; nothing where there is no finding.
    private var triage: String {
        let triage = report.triage
        guard triage.urgency > .low else { return "" }
        var text = "\nTriage: \(triage.urgency.rawValue), \(triage.score) of 100\n"
        for factor in triage.factors.prefix(Self.mostFactors) { text += "      \(factor)\n" }
        let left = triage.factors.count - Self.mostFactors
        return left > 0 ? text + "      and \(left) more\n" : text
    }

    /// Why a check sees nothing, or the measures of a check that is well.
    private func headline(_ check: CheckReport) -> String {
        if let reason = check.reason { return reason.safe(limit: 300) }
        let targets = Set(check.readings.map(\.observation.target)).count
        guard targets <= 2 else { return "\(targets) targets" }
        return check.readings.compactMap(Self.short).prefix(4).joined(separator: ", ")
    }

    /// `used` from `filefd_used_ratio`.
    private static func name(_ measure: Measure) -> String {
        let name = measure.name.split(separator: "_").dropFirst().joined(separator: " ")
        guard measure.unit != .none, name.hasSuffix(" \(measure.unit.rawValue)") else { return name }
        return String(name.dropLast(measure.unit.rawValue.count + 1))
    }

    /// `used 12.3 %` from `filefd_used_ratio`.
    private static func short(_ reading: Reading) -> String? {
        let measure = reading.observation.measure
        let name = name(measure)
        let target = reading.observation.target.name.safe(limit: 60)
        // A name that the measure repeats, or that there is only one of, says nothing.
        let isPlain = ["host", reading.check.kind].contains(target) || name.hasPrefix("\(target) ")
        let prefix = isPlain ? "" : "\(target) "
        switch reading.observation.value {
        case .number(let value): return "\(prefix)\(name) \(measure.unit.text(value))"
        case .state(let state): return "\(prefix)\(name) \(state.safe(limit: 60))"
        case .occurrences, .unknown: return nil
        }
    }

    private func painted(_ status: CheckStatus, _ text: String) -> String {
        guard isColoured else { return text }
        let colour =
            switch status {
            case .ok, .info: "32"
            case .warning: "33"
            case .critical: "1;31"
            case .unknown, .degraded: "35"
            case .notApplicable: "2"
            }
        return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
    }
}

extension CheckStatus {
    /// For people.
    fileprivate var word: String {
        switch self {
        case .notApplicable: "not applicable"
        case .ok, .info, .unknown, .degraded, .warning, .critical: rawValue
        }
    }

    /// Four columns wide.
    fileprivate var badge: String {
        switch self {
        case .ok: "OK  "
        case .info: "INFO"
        case .warning: "WARN"
        case .critical: "CRIT"
        case .unknown: "UNKN"
        case .degraded: "DEGR"
        case .notApplicable: "n/a "
        }
    }
}
