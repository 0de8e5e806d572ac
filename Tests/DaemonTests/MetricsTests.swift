import Alerting
import Basics
import Journal
import TestSupport
import Testing

@testable import Daemon

@Suite struct MetricsTests {
    private static let reset = Measure(
        name: "netstat_reset_total",
        unit: .total,
        summary: "Connections that were reset."
    )
    private static let health = Measure(name: "container_health", unit: .none, summary: "What the health check says.")

    /// A page whose every value is known.
    private func page() async throws -> String {
        let bench = await TellingBench()
        let sink = RecordingSink("webhook.ops")
        let deaf = RecordingSink(
            "deaf",
            route: { route in
                route.matchers = ["check": "nothing"]
                route.lifecycle = false
            }
        )
        let net = CheckID("netstat")
        let http = CheckID("http", instance: "grafana")
        let docker = CheckID("docker")
        await bench.configure(
            sink,
            deaf,
            plans: [
                TellingBench.plan { $0.holdFor = .seconds(300) },
                CheckPlan(check: net, rules: []),
                CheckPlan(check: http, rules: []),
                CheckPlan(
                    check: docker,
                    rules: [Rule(Self.health, .state(bad: ["unhealthy": .critical]))]
                ),
                CheckPlan(check: CheckID("neigh"), rules: []),
            ]
        )
        let outcomes: [(CheckID, Result<[Observation], CheckError>)] = [
            (
                TellingBench.check,
                .success([
                    Observation(TellingBench.used, of: Target("/"), .number(0.92)),
                    Observation(TellingBench.used, of: Target("/a \"b\""), .number(0.5)),
                    Observation(TellingBench.used, of: Target("/gone"), .unknown(because: "EIO")),
                ])
            ),
            (net, .success([Observation(Self.reset, of: Target("host"), .number(4711))])),
            (docker, .success([Observation(Self.health, of: Target("web"), .state("unhealthy"))])),
            (http, .failure(.timedOut(after: .seconds(10)))),
            (CheckID("neigh"), .failure(.notApplicable(because: "no such file", remedy: nil))),
        ]
        for (check, outcome) in outcomes {
            await bench.keeper.absorb(
                Sweep(
                    check: check,
                    at: bench.time.now,
                    uptime: bench.time.uptime,
                    outcome: outcome,
                    took: .milliseconds(1250)
                )
            )
        }
        _ = try await sink.accepted(1)
        try await bench.settled("webhook.ops")
        sink.then(.refuse(.permanent(because: "400")))
        await bench.keeper.announce(.test, "refused")
        _ = try await sink.accepted(2)
        try await bench.settled("webhook.ops")
        sink.then(.hang)
        await bench.keeper.announce(.test, "waits")
        try await sink.attempts(4)
        bench.time.advance(by: .seconds(90))
        let resyncs = Resyncs()
        resyncs.note(.connected)
        resyncs.note(.periodic)
        resyncs.note(.periodic)
        let metrics = Metrics(
            keeper: bench.keeper,
            journal: bench.journal,
            scheduler: Scheduler(
                time: bench.time,
                world: { _ in fatalError("a scrape runs no check") },
                submit: { _ in }
            ),
            reloader: Reloader(
                source: ConfigurationSource(path: "/nowhere", environment: [:], commandLine: []),
                time: bench.time,
                apply: { _ in }
            ),
            resyncs: resyncs,
            time: bench.time,
            started: bench.time.now - .seconds(3600)
        )
        return await metrics.text()
    }

    /// What differs from machine to machine and from release to release.
    private func masked(_ page: String) -> String {
        page.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("process_resident_memory_bytes ")
                ? "process_resident_memory_bytes 1"
                : line.replacing(Version.current, with: "VERSION")
        }.joined(separator: "\n")
    }

    @Test("the page is this one")
    func golden() async throws {
        try expectGolden(masked(try await page()), "metrics.txt")
    }

    @Test("each name is described once, and no series occurs twice")
    func wellFormed() async throws {
        let lines = try await page().split(separator: "\n")
        let types = lines.filter { $0.hasPrefix("# TYPE") }
        #expect(Set(types).count == types.count)
        let series = lines.filter { !$0.hasPrefix("#") }.map { $0.prefix(upTo: $0.lastIndex(of: " ") ?? $0.endIndex) }
        #expect(Set(series).count == series.count)
        let names = Set(types.map { $0.split(separator: " ")[2] })
        let expected: [Substring] = [
            "custos_build_info", "custos_config_last_reload_successful",
            "custos_config_last_reload_success_timestamp_seconds", "custos_check_duration_seconds",
            "custos_check_last_success_timestamp_seconds", "custos_outbox_depth", "custos_outbox_oldest_seconds",
            "custos_delivery_attempts_total", "custos_alerts", "custos_dead_letters",
            "custos_notifications_suppressed_total", "custos_docker_resyncs_total", "process_start_time_seconds",
            "process_resident_memory_bytes",
        ]
        for name in expected { #expect(names.contains(name), "\(name)") }
    }
}
