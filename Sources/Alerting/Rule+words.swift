package import Basics

extension Rule {
    /// The threshold as people read it, for the level in breach or else the least that is on: `> 0.9`.
    package func threshold(for severity: Severity? = nil) -> String? {
        switch shape {
        case .above(let warning, let critical, _): Levels(warning, critical)[severity].map { "> \($0.plain)" }
        case .below(let warning, let critical, _): Levels(warning, critical)[severity].map { "< \($0.plain)" }
        case .rate(let warning, let critical): Levels(warning, critical)[severity].map { "> \($0.plain)/s" }
        case .trend(let goal, let warning, let critical):
            Levels(warning, critical)[severity].map { "reaches \(goal.plain) within \($0.text)" }
        case .state(let bad): Self.states(bad, severity)
        case .became(let bad): Self.states(bad, severity).map { "\($0), after another" }
        case .changed: "changed within \(Self.changeWindow.text)"
        case .occurred(let least, let window, _): "\(least) within \(window.text)"
        }
    }

    private static func states(_ bad: [String: Severity], _ severity: Severity?) -> String? {
        let names = bad.filter { severity == nil || $0.value == severity }.keys.sorted()
        let shown = names.isEmpty ? bad.keys.sorted() : names
        guard let only = shown.first else { return nil }
        return shown.count == 1 ? "state = \(only)" : "state in \(shown.joined(separator: ", "))"
    }
}
