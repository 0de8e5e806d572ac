import Alerting
import Checks
import Testing

@testable import Commands

@Suite struct ReferencePagesTests {
    private let pages = ReferencePages.all()

    @Test(
        "every check has a page with its settings, measures and defaults",
        arguments: CheckCatalog.all.map { $0.kind }
    )
    func everyCheckHasAPage(kind: String) throws {
        let page = try #require(pages["checks/\(kind).md"])
        #expect(page.contains("## Measures"))
        #expect(page.contains("## Judged by default"))
        #expect(page.contains("CUSTOS_\(kind.uppercased())__"))
        #expect(try #require(pages["checks.md"]).contains("`\(kind)`"))
    }

    @Test("every measure is in the table of measures")
    func everyMeasureIsListed() throws {
        let page = try #require(pages["measures.md"])
        for kind in CheckCatalog.all {
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
