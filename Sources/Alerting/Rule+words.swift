package import Basics

extension Rule {
    /// The threshold as people read it: `> 0.9`.
    ///
    /// Nil where the rule has none of that severity; without a severity, the least that is on.
    package func threshold(for severity: Severity? = nil) -> String? {
        switch shape {
        case .above(let warning, let critical, _): Levels(warning, critical)[severity].map { "> \($0.plain)" }
        case .below(let warning, let critical, _): Levels(warning, critical)[severity].map { "< \($0.plain)" }
        case .rate(let warning, let critical): Levels(warning, critical)[severity].map { "> \($0.plain)/s" }
        case .trend(let goal, let warning, let critical):
            Levels(warning, critical)[severity].map { "reaches \(goal.plain) within \($0.text)" }
        case .state(let bad): Self.states(bad, severity)
        case .became(let bad): Self.states(bad, severity).map { "\($0), after another" }
        case .changed(let own): severity ?? own == own ? "changed within \(Self.changeWindow.text)" : nil
        case .occurred(let least, let window, let own):
            severity ?? own == own ? "\(least) within \(window.text)" : nil
        }
    }

    /// The threshold that was passed: also of an occurrence that brought a severity of its own.
    func passedThreshold(_ severity: Severity?) -> String? { threshold(for: severity) ?? threshold() }

    private static func states(_ bad: [String: Severity], _ severity: Severity?) -> String? {
        let names = bad.filter { severity == nil || $0.value == severity }.keys.sorted()
        guard let only = names.first else { return nil }
        return names.count == 1 ? "state = \(only)" : "state in \(names.joined(separator: ", "))"
    }
}
