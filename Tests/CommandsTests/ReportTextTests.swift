import Alerting
import Basics
import Checks
import TestSupport
import Testing

@testable import Commands

@Suite struct ReportTextTests {
    private static let used = Measure(name: "filefd_used_ratio", unit: .ratio, summary: "Used share.")
    private static let running = Measure(name: "container_running", unit: .none, summary: "Whether it runs.")

    /// A report as the book makes it of one look.
    private func report(_ sweeps: [(CheckPlan, Result<[Observation], CheckError>)]) -> Report {
        var book = AlertBook(alerts: [], memories: [], bootID: nil)
        let now = Timestamp(milliseconds: 1_763_688_154_000)
        _ = book.reconfigure(sweeps.map(\.0), at: now)
        for (plan, outcome) in sweeps {
            _ = book.absorb(
                Sweep(check: plan.check, at: now, uptime: .seconds(100), outcome: outcome, took: .milliseconds(2))
            )
        }
        return Report(time: now, node: "edge-7", checks: book.report(), suggestions: SuggestedCommands.of)
    }

    private var mixed: Report {
        report([
            (
                CheckPlan(check: CheckID("filefd"), rules: [Rule(Self.used, .above(warning: 0.8, critical: 0.9))]),
                .success([Observation(Self.used, of: Target("host"), .number(0.123))])
            ),
            (
                CheckPlan(check: CheckID("docker"), rules: [Rule(Self.running, .state(bad: ["crashed": .critical]))]),
                .success([Observation(Self.running, of: Target("web\u{1B}[31m"), .state("crashed"))])
            ),
            (
                CheckPlan(check: CheckID("neigh"), rules: []),
                .failure(.degraded(because: "/host/proc is missing", remedy: "mount it with -v /proc:/host/proc:ro"))
            ),
        ])
    }

    @Test("the worst comes first, with its reason; a check that sees nothing says why and what to do")
    func worstFirst() throws {
        let text = ReportText(mixed, isColoured: false).text
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.first == "edge-7  2025-11-21T01:22:34.000Z  critical")
        let order = lines.filter { $0.first?.isLetter == true }.dropFirst().prefix(3).map { $0.prefix(12) }
        #expect(order == ["CRIT  docker", "DEGR  neigh ", "OK    filefd"])
        #expect(text.contains("→ mount it with -v /proc:/host/proc:ro"))
        #expect(text.contains("used 12.3 %"))
    }

    @Test("S37 the report as people and programs read it: triage, streaks and what to type next")
    func golden() throws {
        try expectGolden(ReportText(mixed, isColoured: false).text, "cli/check.txt")
        let json = try JSON(parsing: mixed.json.utf8)
        try expectGolden(json.pretty, "cli/check.json")
        #expect(try TestFolder.schema("docs/reference/report.schema.json").problems(in: json) == [])
    }

    @Test("a report in which all is well has no triage and no commands")
    func well() {
        let report = report([
            (
                CheckPlan(check: CheckID("filefd"), rules: [Rule(Self.used, .above(warning: 0.8, critical: 0.9))]),
                .success([Observation(Self.used, of: Target("host"), .number(0.1))])
            )
        ])
        let text = ReportText(report, isColoured: false).text
        #expect(!text.contains("Triage") && !text.contains("$ "))
        #expect(report.triage == Triage.none)
    }

    @Test("of many findings the text shows the first commands and factors, and counts the rest")
    func bounded() {
        let report = report([
            (
                CheckPlan(check: CheckID("docker"), rules: [Rule(Self.running, .state(bad: ["crashed": .critical]))]),
                .success((0..<40).map { Observation(Self.running, of: Target("web-\($0)"), .state("crashed")) })
            )
        ])
        let lines = ReportText(report, isColoured: false).text.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("      $ ") } == 5)
        #expect(lines.suffix(2) == ["      container_running of web-17: threshold exceeded", "      and 30 more"])
        #expect(lines.contains("Triage: critical, 100 of 100"))
    }

    @Test("a terminal escape in a container's name does not reach the terminal")
    func noEscapes() {
        #expect(!ReportText(mixed, isColoured: false).text.contains("\u{1B}"))
    }

    @Test("colours only where they are welcome")
    func colours() {
        #expect(ReportText(mixed, isColoured: true).text.contains("\u{1B}[1;31mCRIT"))
    }

    @Test(
        "the exit code says the worst: 0 ok, 1 warning, 2 critical, 3 unknown",
        arguments: zip(
            CheckStatus.allCases.sorted(),
            [0, 0, 0, 3, 3, 1, 2] as [Int32]
        )
    )
    func exitCodes(status: CheckStatus, code: Int32) {
        #expect(CheckCommand.exitCode(status) == code, "\(status)")
    }
}
