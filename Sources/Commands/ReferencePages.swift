import Alerting
import Basics
import Checks
import Daemon
import Settings

/// The pages of `docs/reference`, made from the declarations of checks, sinks and settings.
///
/// What only people can say of a check, which the daemon has no use for, is woven in: `docs/checks/<kind>.md`.
enum ReferencePages {
    /// Path below `docs/reference` → text; `prose` gives what people wrote about a kind of check.
    static func all(prose: (_ kind: String) throws -> String) rethrows -> [String: String] {
        let catalogue = ConfigurationCatalogue.all
        var pages = [
            "environment.md": Reference.environment(catalogue),
            "labels.md": Reference.labels(catalogue),
            "config.schema.json": Reference.jsonSchema(catalogue).text + "\n",
            "example.yaml": Reference.example(catalogue),
            "measures.md": measures(),
            "checks.md": index(),
            "custos.1": ManualPage.text,
        ]
        for kind in CheckCatalogue.all { pages["checks/\(kind.kind).md"] = page(kind, try prose(kind.kind)) }
        let checks = Set(CheckCatalogue.all.map { $0.kind })
        for section in catalogue.sections where !checks.contains(section.key) {
            pages["settings/\(section.key.isEmpty ? "general" : section.key).md"] = Reference.markdown(for: section)
        }
        return pages
    }

    /// Why and whence come before the settings; reasons for numbers, and what to do, behind the numbers.
    private static func page<C: Check>(_ kind: C.Type, _ prose: String) -> String {
        let behind = prose.firstRange(of: "## Why these numbers")?.lowerBound ?? prose.endIndex
        var text = Reference.markdown(for: ConfigurationCatalogue.section(kind), introduction: prose[..<behind])
        text += "\n## Measures\n\n" + table(C.measures)
        text += "\n## Judged by default\n\n"
        for rule in C(C.Settings()).rules { text += "- `\(rule.measure.name)`: \(rule.levels)\n" }
        return text + "\n" + prose[behind...]
    }

    private static func index() -> String {
        var text = "# Checks\n\n| kind | fires when | runs without configuration |\n|---|---|---|\n"
        for kind in CheckCatalogue.all {
            text +=
                "| [`\(kind.kind)`](checks/\(kind.kind).md) | \(kind.summary) | \(kind.runsByDefault ? "yes" : "no") |\n"
        }
        return text + """

            In the pages `<proc>`, `<sys>`, `<root>` and `<run>` stand for the host's own trees, wherever they are mounted:
            `/host/proc` and so on in the image, else `/proc`. *Any procfs* means that the file is the machine's in every
            container, also in Custos' own, without a mount. Checks of processes and networks first look into
            `<proc>/2/status`: on the machine itself process 2 is the kernel's `kthreadd`, in a container it is not.

            """
    }

    private static func measures() -> String {
        let all = CheckCatalogue.all.flatMap { $0.measures } + [.checkHealth, .sinkDelivery]
        return "# Measures\n\nNames never change once released: they are part of an alert's identity.\n\n"
            + table(all.sorted { $0.name < $1.name })
    }

    private static func table(_ measures: [Measure]) -> String {
        "| measure | unit | says |\n|---|---|---|\n"
            + measures.map { "| `\($0.name)` | \($0.unit.rawValue) | \($0.summary) |\n" }.joined()
    }
}

extension Rule {
    /// What it judges, for people: `warning > 0.85, critical > 0.9 for 1m`.
    var levels: String {
        let levels = Severity.allCases.compactMap { severity in
            threshold(for: severity).map { "\(severity.rawValue) \($0)" }
        }
        guard !levels.isEmpty else { return "not judged" }
        return levels.joined(separator: ", ") + (holdFor.map { " for \($0.text)" } ?? "")
    }
}
