import Alerting
import Checks
import TestSupport
import Testing

@testable import Commands

@Suite struct ReferencePagesTests {
    private let pages: [String: String]

    init() throws { pages = try ReferencePages.all(prose: CheckProse.text) }

    @Test(
        "every check has a page with its settings, measures and defaults",
        arguments: CheckCatalogue.all.map { $0.kind }
    )
    func everyCheckHasAPage(kind: String) throws {
        let page = try #require(pages["checks/\(kind).md"])
        #expect(page.contains("## Measures"))
        #expect(page.contains("## Judged by default"))
        #expect(page.contains("CUSTOS_\(kind.uppercased())__"))
        let titles = page.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
        let (cause, advice) = (CheckProse.sections[..<2], CheckProse.sections[2...])
        #expect(titles == cause + ["Settings", "Measures", "Judged by default"] + advice)
        #expect(try #require(pages["checks.md"]).contains("`\(kind)`"))
    }

    @Test("a page claims only the severities that a rule has")
    func onlyRealSeverities() throws {
        for (kind, line) in [
            ("cpu", "- `cpu_busy_ratio`: warning > 0.95 for 15m\n"),
            ("cpu", "- `cpu_steal_ratio`: not judged\n"),
            ("uptime", "- `uptime_boot_id`: warning changed within 10m\n"),
            ("oom", "critical 1 within 10m\n"),
            ("docker", "- `docker_engine_reachable`: critical state = unreachable\n"),
        ] {
            #expect(try #require(pages["checks/\(kind).md"]).contains(line), "\(kind): \(line)")
        }
        #expect(!(try #require(pages["checks/oom.md"]).contains("warning 1 within 10m")))
    }

    @Test("every kind with its measures, what it judges, its settings and their defaults is as it was agreed")
    func checkList() throws {
        let text = CheckList.text
        for kind in CheckCatalogue.all {
            #expect(text.contains("\n\(kind.kind): ") || text.hasPrefix("\(kind.kind): "), "\(kind.kind)")
        }
        try expectGolden(text, "cli/checks.txt")
    }

    @Test("every measure is in the table of measures")
    func everyMeasureIsListed() throws {
        let page = try #require(pages["measures.md"])
        for kind in CheckCatalogue.all {
            for measure in kind.measures { #expect(page.contains("`\(measure.name)`"), "\(measure.name)") }
        }
    }

    @Test("the stable names of the first release are in the environment page")
    func stableNames() throws {
        let page = try #require(pages["environment.md"])
        for name in [
            "CUSTOS_WEBHOOK__URL", "CUSTOS_STDOUT__FORMAT", "CUSTOS_JOURNAL__PATH", "CUSTOS_STATUS__LISTEN",
            "CUSTOS_NODE",
            "CUSTOS_DEFAULTS__EVERY", "CUSTOS_DOCKER__HOST", "DOCKER_HOST", "CUSTOS_LOG__LEVEL",
            "CUSTOS_CONTROL__SOCKET",
        ] {
            #expect(page.contains(name), "\(name)")
        }
    }
}
