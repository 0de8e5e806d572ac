import Alerting
import Basics
import Checks
import Journal

/// The texts of the `started` event (S10): what is watched, what is not and why, and how the last run ended.
struct StartReport {
    var report: Report
    var opening: JournalOpening
    /// How many of the journal's rows were left out, by table.
    var unreadable: [String: Int] = [:]
    var streams: [String]
    var origin: NodeName.Origin
    /// What the engine must allow besides, because a setting asks for it.
    var furtherRequests: [String] = []

    var summary: String {
        let blind = unwatched.count
        let watched = report.checks.count - blind
        let gap = blind == 0 ? "" : ", \(blind) not: \(unwatched.map(\.check.description).joined(separator: ", "))"
        return "custos \(Version.current) watches \(report.node): \(watched) checks\(gap)"
    }

    var annotations: [String: String] {
        var annotations = [
            "version": Version.current,
            "watched": report.checks.filter { !isBlind($0) }.map(\.check.description).joined(separator: ", "),
            "streams": streams.joined(separator: ", "),
            "previous_end": previousEnd,
            "state": opening.status == .durable ? "kept" : "lost",
        ]
        if !unwatched.isEmpty {
            annotations["not_watched"] = unwatched.map { "\($0.check): \(reason($0))" }.joined(separator: "; ")
        }
        if let containers = withoutEngine { annotations["containers"] = containers }
        if !furtherRequests.isEmpty { annotations["asks_engine_for"] = furtherRequests.joined(separator: "; ") }
        if origin == .unknown { annotations["node"] = "no name found: set CUSTOS_NODE" }
        if let trouble = opening.status.trouble { annotations["journal"] = "\(trouble.because): \(trouble.hint)" }
        return annotations
    }

    /// `clean`, `unclean` with the gap, `first start`, or what became of the memory.
    var previousEnd: String {
        switch opening.found {
        case .new: "first start"
        case .clean(let at): "clean at \(at)"
        case .unclean(let from, let to): "unclean: blind from \(from) to \(to)"
        case .corrupt(let renamed, let because): "state lost: the journal was damaged (\(because)), kept as \(renamed)"
        case .lost: "state lost"
        }
    }

    /// From when to when nobody watched, if the last run was killed.
    var gap: (from: Timestamp, to: Timestamp)? {
        if case .unclean(let from, let to) = opening.found { (from, to) } else { nil }
    }

    /// That rows of the journal were left out, and of which tables; nil where all were read.
    var lostRows: (summary: String, tables: String)? {
        let count = unreadable.values.reduce(0, +)
        guard count > 0 else { return nil }
        let rows = count == 1 ? "1 row of the journal is" : "\(count) rows of the journal are"
        let tables = unreadable.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return ("\(rows) unreadable and left out", tables.joined(separator: ", "))
    }

    /// Why there is no engine, where its absence is no gap: containers are watched without one.
    private var withoutEngine: String? {
        let readings = report.checks.first { $0.check.kind == DockerCheck.kind }?.readings ?? []
        guard
            let reading = readings.first(where: {
                $0.observation.isOutOfSight && $0.observation.measure == DockerCheck.reachable
            }),
            case .unknown(let because) = reading.observation.value
        else { return nil }
        return because
    }

    private var unwatched: [CheckReport] { report.checks.filter(isBlind) }

    private func isBlind(_ check: CheckReport) -> Bool {
        switch check.outcome {
        case .ok: false
        case .notYet, .degraded, .notApplicable: true
        }
    }

    private func reason(_ check: CheckReport) -> String {
        switch check.outcome {
        case .ok: "ok"
        case .notYet: "no answer yet"
        case .degraded(let because, let remedy), .notApplicable(let because, let remedy):
            remedy.map { "\(because); \($0)" } ?? because
        }
    }
}
