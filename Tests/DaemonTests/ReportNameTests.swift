import Basics
import Testing

@testable import Daemon

struct ReportNameTests {
    private static let time = Timestamp(milliseconds: 1_795_224_154_123)

    @Test("a name holds the time in UTC and the node, and reads back")
    func roundTrip() {
        let name = ReportName(time: Self.time, node: "edge-7")
        #expect(name.file("json") == "custos-report-20261121T012234.123Z-edge-7.json")
        #expect(ReportName(file: name.file("json")) == name)
        #expect(ReportName(file: name.file("txt")) == name)
    }

    @Test(
        "a node's name cannot leave the folder",
        arguments: [("a/b", "a_b"), ("../x", ".._x"), ("", "_"), ("ä", "__"), ("n\nx", "n_x"), ("a b", "a_b")]
    )
    func nodes(node: String, safe: String) {
        let name = ReportName(time: Self.time, node: node)
        #expect(name.node == safe)
        #expect(ReportName(file: name.file("txt")) == name)
        #expect(ReportName(time: Self.time, node: String(repeating: "x", count: 500)).file("json").utf8.count < 128)
    }

    @Test(
        "what we would not have written is not ours",
        arguments: [
            "custos-report-20261121T012234.123Z-edge-7", "custos-report-20261121T012234.123Z-edge-7.html",
            "custos-report-20261121T012234.123Z-.json", "custos-report-20261121T012234.123Z.json",
            "custos-report-20261321T012234.123Z-n.json", "custos-report-2026-11-21-n.json", "report.json", "",
            "xcustos-report-20261121T012234.123Z-n.json", "custos-report-20261121T012234.123Z-a b.json",
            "custos-report-20261121T012234.123Z-ä.json", "custos-report-20261121T012260.123Z-n.json",
        ]
    )
    func foreign(file: String) {
        #expect(ReportName(file: file) == nil)
    }
}
