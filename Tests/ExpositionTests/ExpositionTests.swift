import Testing

@testable import Exposition

struct ExpositionTests {
    @Test("a metric is written as Prometheus reads it")
    func plainPage() {
        let up = Metric("custos_check_success", .gauge, "Whether the last sweep succeeded.", labels: ["check", "node"])
        let told = Metric("custos_told_total", .counter, "Events told.")
        var page = Exposition()
        page.write(up, [up.sample(1, "disk", "a"), up.sample(false, "docker", "a")])
        page.write(told, 12.5)
        #expect(
            page.text == """
                # HELP custos_check_success Whether the last sweep succeeded.
                # TYPE custos_check_success gauge
                custos_check_success{check="disk",node="a"} 1
                custos_check_success{check="docker",node="a"} 0
                # HELP custos_told_total Events told.
                # TYPE custos_told_total counter
                custos_told_total 12.5

                """
        )
    }

    @Test("quotes, backslashes and newlines of a label are escaped, a help text keeps its quotes")
    func escaping() {
        let metric = Metric("m", .gauge, "a \"b\" \\ c\nd", labels: ["x"])
        var page = Exposition()
        page.write(metric, [metric.sample(1, "say \"hi\"\\\n{}")])
        #expect(page.text.contains(#"# HELP m a "b" \\ c\nd"#))
        #expect(page.text.contains(#"m{x="say \"hi\"\\\n{}"} 1"#))
        #expect(page.text.split(separator: "\n").count == 3)
    }

    @Test(
        "numbers are written so that Prometheus parses them",
        arguments: [
            (Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (0, "0"), (3, "3"), (0.25, "0.25"),
            (1e18, "1e+18"), (-1.5, "-1.5"),
        ]
    )
    func numbers(value: Double, text: String) {
        var page = Exposition()
        page.write(Metric("m", .gauge, ""), value)
        #expect(page.text.hasSuffix("\nm \(text)\n"))
    }

    @Test("a name is written once, samples with equal labels once, and nothing for no samples")
    func uniqueness() {
        let metric = Metric("m", .counter, "", labels: ["x"])
        var page = Exposition()
        page.write(metric, [])
        #expect(page.utf8.isEmpty)
        page.write(metric, [metric.sample(1, "a"), metric.sample(2, "a"), metric.sample(3, "b")])
        page.write(metric, [metric.sample(9, "c")])
        #expect(page.text.hasSuffix("m{x=\"a\"} 1\nm{x=\"b\"} 3\n"))
    }

    @Test("missing label values are empty, surplus ones left out")
    func labelCount() {
        let metric = Metric("m", .gauge, "", labels: ["a", "b"])
        var page = Exposition()
        page.write(metric, [metric.sample(1, "x"), metric.sample(2, "x", "y", "z")])
        #expect(page.text.contains("m{a=\"x\",b=\"\"} 1"))
        #expect(page.text.contains("m{a=\"x\",b=\"y\"} 2"))
    }

    @Test(
        "names that Prometheus refuses are made fit",
        arguments: [("9lives", "_9lives"), ("a-b.c", "a_b_c"), ("", "_")]
    )
    func names(name: String, clean: String) {
        #expect(Metric(name, .gauge, "").name == clean)
        #expect(Metric("m", .gauge, "", labels: ["a:b"]).labels == ["a_b"])
    }
}
