import Alerting
import Basics
import Exposition
import Journal
import Procfs

/// `/metrics`: the watchdog about itself, and every measure that its checks last saw.
///
/// Scraping runs no check.
struct Metrics: Sendable {
    let keeper: AlertKeeper
    let journal: Journal
    let scheduler: Scheduler
    let reloader: Reloader
    let resyncs: Resyncs
    let time: any TimeSource
    let started: Timestamp

    func text() async -> String {
        var page = Exposition()
        let report = await keeper.report()
        page.write(.buildInfo, [Metric.buildInfo.sample(1, Version.current)])
        process(&page)
        checks(&page, report, skipped: await scheduler.skippedTurns())
        await alerts(&page)
        await outbox(&page)
        page.write(.reloadSuccessful, [Metric.reloadSuccessful.sample(await reloader.wasLastAccepted ? 1 : 0)])
        page.write(.reloadTime, [Metric.reloadTime.sample(await reloader.lastAccepted.seconds)])
        page.write(.journalDurable, [Metric.journalDurable.sample(await journal.status() == .durable ? 1 : 0)])
        page.write(
            .resyncs,
            Resyncs.Reason.allCases.map { Metric.resyncs.sample(Double(resyncs.count($0)), $0.rawValue) }
        )
        measures(&page, report)
        return page.text
    }

    private func process(_ page: inout Exposition) {
        page.write(.startTime, [Metric.startTime.sample(started.seconds)])
        if let resident = OwnProcess.residentBytes() {
            page.write(.residentMemory, [Metric.residentMemory.sample(Double(resident))])
        }
    }

    private func checks(_ page: inout Exposition, _ report: Report, skipped: [CheckID: Int]) {
        let applicable = report.checks.filter { check in
            if case .notApplicable = check.outcome { false } else { true }
        }
        page.write(
            .checkSuccess,
            applicable.map { check in
                Metric.checkSuccess.sample(check.outcome == .ok ? 1 : 0, check.check.description)
            }
        )
        page.write(
            .checkDuration,
            applicable.compactMap { check in
                check.took.map { Metric.checkDuration.sample($0.inSeconds, check.check.description) }
            }
        )
        page.write(
            .checkLastSuccess,
            applicable.compactMap { check in
                check.lastSuccess.map { Metric.checkLastSuccess.sample($0.seconds, check.check.description) }
            }
        )
        page.write(
            .checkSkipped,
            skipped.sorted { $0.key < $1.key }.map { Metric.checkSkipped.sample(Double($0.value), $0.key.description) }
        )
    }

    private func alerts(_ page: inout Exposition) async {
        var counts: [String: [Severity: Int]] = ["pending": [:], "firing": [:]]
        for (alert, _) in await keeper.alerts() {
            switch alert.state {
            case .inactive: break
            case .pending(let severity, _): counts["pending"]?[severity, default: 0] += 1
            case .firing(let severity, _): counts["firing"]?[severity, default: 0] += 1
            }
        }
        page.write(
            .alerts,
            ["firing", "pending"].flatMap { state in
                Severity.allCases.map { severity in
                    Metric.alerts.sample(Double(counts[state]?[severity] ?? 0), state, severity.rawValue)
                }
            }
        )
        page.write(
            .suppressed,
            await keeper.suppressed.sorted { $0.key < $1.key }.map {
                Metric.suppressed.sample(Double($0.value), $0.key)
            }
        )
    }

    private func outbox(_ page: inout Exposition) async {
        // A sink without trouble is a zero, not a gap in the graph.
        let idle = await Dictionary(uniqueKeysWithValues: keeper.sinks.map { ($0, OutboxState()) })
        let outboxes = await idle.merging(journal.outboxes()) { $1 }.sorted { $0.key < $1.key }
        let now = time.now
        page.write(.pending, outboxes.map { Metric.pending.sample(Double($0.value.pending), $0.key) })
        page.write(
            .oldest,
            outboxes.map { sink, state in
                Metric.oldest.sample(state.oldest.map { now.since($0).inSeconds } ?? 0, sink)
            }
        )
        page.write(.deadLetters, outboxes.map { Metric.deadLetters.sample(Double($0.value.deadLetters), $0.key) })
        let silent = idle.mapValues { _ in DeliveryCounts() }
        let deliveries = await silent.merging(keeper.deliveries) { $1 }.sorted { $0.key < $1.key }
        page.write(
            .attempts,
            deliveries.flatMap { sink, counts in
                [("accepted", counts.accepted), ("transient", counts.transient), ("permanent", counts.permanent)]
                    .map { Metric.attempts.sample(Double($0.1), sink, $0.0) }
            }
        )
    }

    /// One metric per measure; counters and quantities as they were read, states as 1 under their name.
    private func measures(_ page: inout Exposition, _ report: Report) {
        let readings = report.checks.flatMap(\.readings)
        let byMeasure = Dictionary(grouping: readings) { $0.observation.measure }
        for (measure, readings) in byMeasure.sorted(by: { $0.key.name < $1.key.name }) {
            let isState = readings.contains { if case .state = $0.observation.value { true } else { false } }
            let kind: Metric.Kind = measure.unit == .total ? .counter : .gauge
            let labels = isState ? ["check", "target", "state"] : ["check", "target"]
            let metric = Metric("custos_\(measure.name)", kind, measure.summary, labels: labels)
            let samples = readings.compactMap { reading -> Sample? in
                let check = reading.check.description
                let target = reading.observation.target.name
                switch reading.observation.value {
                case .number(let value): return metric.sample(value, check, target)
                case .state(let name): return metric.sample(1, check, target, name)
                case .occurrences, .unknown: return nil
                }
            }
            page.write(metric, samples)
        }
    }
}

extension Metric {
    fileprivate static let buildInfo = Metric("custos_build_info", .gauge, "The running version.", labels: ["version"])
    fileprivate static let startTime = Metric(
        "process_start_time_seconds",
        .gauge,
        "When the process started, in seconds since the epoch."
    )
    fileprivate static let residentMemory = Metric(
        "process_resident_memory_bytes",
        .gauge,
        "Resident memory of the process."
    )
    fileprivate static let checkSuccess = Metric(
        "custos_check_success",
        .gauge,
        "Whether the check's last sweep succeeded.",
        labels: ["check"]
    )
    fileprivate static let checkDuration = Metric(
        "custos_check_duration_seconds",
        .gauge,
        "How long the check's last sweep took.",
        labels: ["check"]
    )
    fileprivate static let checkLastSuccess = Metric(
        "custos_check_last_success_timestamp_seconds",
        .gauge,
        "When the check last succeeded.",
        labels: ["check"]
    )
    fileprivate static let checkSkipped = Metric(
        "custos_check_skipped_turns_total",
        .counter,
        "Turns left out because a sweep took too long.",
        labels: ["check"]
    )
    fileprivate static let alerts = Metric(
        "custos_alerts",
        .gauge,
        "Alerts by state and severity.",
        labels: ["state", "severity"]
    )
    fileprivate static let suppressed = Metric(
        "custos_notifications_suppressed_total",
        .counter,
        "Notifications kept back, by reason.",
        labels: ["reason"]
    )
    fileprivate static let pending = Metric(
        "custos_outbox_depth",
        .gauge,
        "Events waiting for a sink.",
        labels: ["sink"]
    )
    fileprivate static let oldest = Metric(
        "custos_outbox_oldest_seconds",
        .gauge,
        "Age of the oldest event waiting for a sink.",
        labels: ["sink"]
    )
    fileprivate static let deadLetters = Metric(
        "custos_dead_letters",
        .gauge,
        "Events that a sink refused for good.",
        labels: ["sink"]
    )
    fileprivate static let attempts = Metric(
        "custos_delivery_attempts_total",
        .counter,
        "Attempts to tell a sink, by outcome.",
        labels: ["sink", "outcome"]
    )
    fileprivate static let reloadSuccessful = Metric(
        "custos_config_last_reload_successful",
        .gauge,
        "Whether the last configuration read was accepted."
    )
    fileprivate static let reloadTime = Metric(
        "custos_config_last_reload_success_timestamp_seconds",
        .gauge,
        "When a configuration was last accepted."
    )
    fileprivate static let resyncs = Metric(
        "custos_docker_resyncs_total",
        .counter,
        "Times that the engine's whole list of containers was taken, by reason.",
        labels: ["reason"]
    )
    fileprivate static let journalDurable = Metric(
        "custos_journal_durable",
        .gauge,
        "Whether what is decided is on disk before it is told."
    )
}
