import Basics

extension Alert {
    /// Whether every `name=glob` fits: names are `check`, `kind`, `measure`, `target`, `severity`, `node`, or a label's.
    ///
    /// A label that the alert does not have counts as empty; a pattern that is no glob is compared as text.
    func fits(_ matchers: [String: String], severity: Severity?, node: String) -> Bool {
        matchers.allSatisfy { name, pattern in
            let text = matchable(name, severity: severity, node: node)
            return Glob(pattern)?.matches(text) ?? (pattern == text)
        }
    }

    private func matchable(_ name: String, severity: Severity?, node: String) -> String {
        switch name {
        case "check": id.check.description
        case "kind": id.check.kind
        case "measure": id.measure
        case "target": id.target.name
        case "severity": severity?.rawValue ?? ""
        case "node": node
        default: labels[name] ?? id.target.identity[name] ?? ""
        }
    }
}

extension Silence {
    /// Whether it mutes the alert now; a silence without matchers mutes nothing rather than everything.
    func mutes(_ alert: Alert, node: String, at now: Timestamp) -> Bool {
        guard !matchers.isEmpty, startsAt <= now, now < endsAt else { return false }
        return alert.fits(matchers, severity: alert.firing ?? alert.lastSeverity, node: node)
    }
}
