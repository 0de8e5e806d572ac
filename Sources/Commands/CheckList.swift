import Alerting
import Basics
import Checks
import Daemon
import Settings

/// Every kind of check with its measures, what it judges by default, and its settings with their defaults, as text.
enum CheckList {
    static var text: String {
        CheckCatalogue.all.map { kind($0) }.joined(separator: "\n") + "\n" + common
    }

    private static func kind<C: Check>(_ kind: C.Type) -> String {
        var text = "\(C.kind): \(C.summary)\n"
        text += "  runs \(C.runsByDefault ? "by default" : "when configured"), every \(C.defaultEvery.text)"
        switch C.instances {
        case .single: text += "\n"
        case .named: text += "; any number, each with a name\n"
        case .both: text += "; also any number with names\n"
        }
        for measure in C.measures { text += "  measure \(measure.name): \(measure.unit.rawValue)\n" }
        for rule in C(C.Settings()).rules { text += "  judges \(rule.measure.name): \(rule.levels)\n" }
        let section = ConfigurationCatalogue.section(kind)
        let shared = section.commonKeys.union(["enabled"])
        for shape in section.shapes() where !shared.contains(shape.key) { text += setting(shape) }
        return text
    }

    /// What all of them share.
    private static var common: String {
        let shapes = ConfigurationCatalogue.all.sections.first { $0.key == "defaults" }?.shapes() ?? []
        return "every check\n" + shapes.map(setting).joined()
    }

    private static func setting(_ shape: FieldShape) -> String {
        let value = shape.defaultShown.isEmpty ? "none" : shape.defaultShown
        return "  setting \(shape.key): \(shape.typeName) = \(value)\n"
    }
}
