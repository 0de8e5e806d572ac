package import Basics

/// How a check or the whole stands, in one word.
package enum CheckStatus: String, Sendable, CaseIterable, Comparable {
    case notApplicable = "not_applicable"
    case ok, info, unknown, degraded, warning, critical

    /// By what deserves attention first; a check that sees nothing counts more than one odd value.
    package static func < (left: CheckStatus, right: CheckStatus) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    init(_ judgement: Judgement) {
        switch judgement {
        case .ok: self = .ok
        case .unknown: self = .unknown
        case .breach(.info, _): self = .info
        case .breach(.warning, _): self = .warning
        case .breach(.critical, _): self = .critical
        }
    }
}

/// How one check stands: what it last saw, or why it sees nothing.
package struct CheckReport: Sendable, Equatable {
    /// How the last sweep ended.
    package enum Outcome: Sendable, Equatable {
        case notYet
        case ok
        case degraded(because: String, remedy: String?)
        case notApplicable(because: String, remedy: String?)
    }

    package var check: CheckID
    package var outcome = Outcome.notYet
    package var lastSweep: Timestamp?
    /// When a complete sweep last succeeded.
    package var lastSuccess: Timestamp?
    /// How long the last sweep took, where it was timed.
    package var took: Duration?
    /// Complete sweeps that failed in a row.
    package var failedSweeps = 0
    /// Targets that were left out because there were too many.
    package var leftOut = 0
    /// Sorted by target and measure.
    package var readings: [Reading] = []
    /// What an operator may type next; see `suggest`.
    package private(set) var commands: [String] = []

    private static let mostCommands = 20

    init(check: CheckID) {
        self.check = check
    }

    package var status: CheckStatus {
        switch outcome {
        case .notYet: .unknown
        case .degraded: .degraded
        case .notApplicable: .notApplicable
        case .ok: readings.map(\.status).max() ?? .ok
        }
    }

    /// Why the check saw nothing; nil where it saw.
    package var reason: String? {
        switch outcome {
        case .notYet: "has not looked yet"
        case .ok: leftOut > 0 ? "too many targets: \(leftOut) were left out" : nil
        case .degraded(let because, _), .notApplicable(let because, _): because
        }
    }

    /// What an operator can do about it.
    package var remedy: String? {
        switch outcome {
        case .notYet, .ok: nil
        case .degraded(_, let remedy), .notApplicable(_, let remedy): remedy
        }
    }

    /// How urgent what the check found is (S37).
    package var triage: Triage { Triage(readings) }

    /// Notes the commands that help with what is in breach, each once.
    mutating func suggest(_ suggestions: (Reading) -> [String]) {
        var known: Set<String> = []
        for reading in readings where reading.judgement.severity != nil {
            for command in suggestions(reading) where commands.count < Self.mostCommands {
                if known.insert(command).inserted { commands.append(command) }
            }
        }
    }

    /// An entry of the report's `checks`.
    package var json: JSON {
        .object([
            .init("check", .string(check.description)),
            .init("check_kind", .string(check.kind)),
            .init("status", .string(status.rawValue)),
            .init("duration_ms", .number(took.map { ($0.inSeconds * 100_000).rounded() / 100 })),
            .init("reason", .string(reason?.safe(limit: 512))),
            .init("remedy", .string(remedy?.safe(limit: 512))),
            .init("observations", .array(readings.map(\.json))),
            .init("triage", triage.json),
            .init("suggested_commands", .array(commands.map { .string($0) })),
        ])
    }
}

/// The one-shot report: everything that is known at a moment.
package struct Report: Sendable, Equatable {
    package var time: Timestamp
    package var node: String
    /// Sorted by check.
    package var checks: [CheckReport]

    /// `suggestions` gives the commands that help with a reading in breach.
    package init(
        time: Timestamp,
        node: String,
        checks: [CheckReport],
        suggestions: (Reading) -> [String] = { _ in [] }
    ) {
        self.time = time
        self.node = node
        self.checks = checks
        for index in checks.indices { self.checks[index].suggest(suggestions) }
    }

    /// The worst of all checks; what is not applicable does not count.
    package var status: CheckStatus { max(checks.map(\.status).max() ?? .unknown, .ok) }

    /// How many readings are in breach.
    package var alerts: Int {
        checks.reduce(0) { $0 + $1.readings.count { $0.judgement.severity != nil } }
    }

    /// How many checks see nothing though they should.
    package var degraded: Int { checks.count { $0.status == .degraded } }

    /// How urgent all that was found is (S37).
    package var triage: Triage { Triage(checks.flatMap(\.readings)) }

    /// The checks' commands, each once.
    package var commands: [String] {
        var known: Set<String> = []
        return checks.flatMap(\.commands).filter { known.insert($0).inserted }
    }

    /// `custos.report/1`.
    package var json: JSON {
        .object([
            .init("schema", "custos.report/1"),
            .init("time", .string(time.description)),
            .init("node", .string(node)),
            .init(
                "overall",
                .object([
                    .init("status", .string(status.rawValue)),
                    .init("alerts", .integer(Int64(alerts))),
                    .init("degraded", .integer(Int64(degraded))),
                    .init("triage", triage.json),
                ])
            ),
            .init("checks", .array(checks.map(\.json))),
            .init("suggested_commands", .array(commands.map { .string($0) })),
        ])
    }
}
