import Alerting
import Basics
import Checks
import Daemon
import Settings

/// The pages of `docs/reference`, made from the declarations of checks, sinks and settings.
enum ReferencePages {
    /// Path below `docs/reference` → text.
    static func all() -> [String: String] {
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
        for kind in CheckCatalog.all { pages["checks/\(kind.kind).md"] = page(kind) }
        let checks = Set(CheckCatalog.all.map { $0.kind })
        for section in catalogue.sections where !checks.contains(section.key) {
            pages["settings/\(section.key.isEmpty ? "general" : section.key).md"] = Reference.markdown(for: section)
        }
        return pages
    }

    private static func page<C: Check>(_ kind: C.Type) -> String {
        var text = Reference.markdown(for: ConfigurationCatalogue.section(kind))
        text += "\n## Measures\n\n" + table(C.measures)
        text += "\n## Judged by default\n\n"
        for rule in C(C.Settings()).rules { text += "- `\(rule.measure.name)`: \(rule.levels)\n" }
        return text
    }

    private static func index() -> String {
        var text = "# Checks\n\n| kind | fires when | runs without configuration |\n|---|---|---|\n"
        for kind in CheckCatalog.all {
            text +=
                "| [`\(kind.kind)`](checks/\(kind.kind).md) | \(kind.summary) | \(kind.runsByDefault ? "yes" : "no") |\n"
        }
        return text
    }

    private static func measures() -> String {
        let all = CheckCatalog.all.flatMap { $0.measures } + [.checkHealth, .sinkDelivery]
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
