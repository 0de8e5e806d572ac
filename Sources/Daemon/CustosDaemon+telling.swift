import Alerting
import Basics
import Journal
import Logging
import Settings

extension CustosDaemon {
    /// What the watchdog says of its own start (S10), and of what it found.
    static func tell(_ start: StartReport, _ problems: [Problem], _ keeper: AlertKeeper, _ log: Logger) async {
        if let gap = start.gap {
            await keeper.announce(
                .uncleanStart,
                "custos on \(start.report.node) was blind for \(gap.to.since(gap.from).text): it was killed",
                severity: .warning,
                annotations: ["from": gap.from.description, "to": gap.to.description]
            )
        }
        if let trouble = start.opening.status.trouble {
            await keeper.announce(
                .journalTrouble,
                "The journal cannot be kept: \(trouble.because)",
                severity: .warning,
                annotations: ["hint": trouble.hint, "kind": trouble.kind.rawValue]
            )
        }
        if case .corrupt(let renamed, let because) = start.opening.found {
            await keeper.announce(
                .journalTrouble,
                "The journal was damaged and its memory is lost: \(because)",
                severity: .warning,
                annotations: ["kept_as": renamed, "kind": "corrupt"]
            )
        }
        if let lost = start.lostRows {
            log.error("journal rows left out", metadata: ["rows": "\(lost.tables)"])
            await keeper.announce(
                .journalTrouble,
                lost.summary,
                severity: .warning,
                annotations: [
                    "hint": "set lost silences again; what fired before may stay open at a receiver",
                    "kind": "unreadable", "rows": lost.tables,
                ]
            )
        }
        if !problems.isEmpty {
            await keeper.announce(
                .configurationProblem,
                "\(problems.count) setting(s) from the environment are wrong: their defaults are in force",
                severity: .warning,
                annotations: Runtime.listed(problems)
            )
        }
        log.notice("started", metadata: ["summary": "\(start.summary)", "previous": "\(start.previousEnd)"])
        for request in start.furtherRequests {
            log.notice("the engine is asked for more", metadata: ["request": "\(request)"])
        }
        await keeper.announce(.started, start.summary, severity: .info, annotations: start.annotations)
    }

    /// The journal's state changed while running (S17).
    static func tell(_ status: JournalStatus, _ keeper: AlertKeeper, _ log: Logger) async {
        guard let trouble = status.trouble else {
            log.notice("journal recovered")
            return await keeper.announce(.journalTrouble, "The journal can be written again", severity: .info)
        }
        log.error("journal degraded", metadata: ["error": "\(trouble.because)", "hint": "\(trouble.hint)"])
        await keeper.announce(
            .journalTrouble,
            "The journal cannot be written: \(trouble.because)",
            severity: .warning,
            annotations: ["hint": trouble.hint, "kind": trouble.kind.rawValue]
        )
    }

    /// One line per change of an alert.
    static func log(_ change: Change, to log: Logger) {
        let word: String =
            switch change.transition {
            case .pending: "alert pending"
            case .fired: "alert fired"
            case .severityChanged: "alert changed severity"
            case .occurred: "alert occurred again"
            case .resolved: "alert resolved"
            case .gone: "alert resolved, target gone"
            }
        let level: Logger.Level = if case .pending = change.transition { .info } else { .notice }
        log.log(
            level: level,
            "\(word)",
            metadata: [
                "check.id": "\(change.alert.id.check)", "target": "\(change.alert.id.target.name)",
                "measure": "\(change.alert.id.measure)", "summary": "\(change.alert.summary)",
            ]
        )
    }
}
