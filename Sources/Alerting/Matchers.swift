import Basics

/// Several `name=glob`, read once: names are `check`, `kind`, `measure`, `target`, `severity`, `node`, or a label's.
///
/// A label that an alert does not have counts as empty; a pattern that is no glob is compared as text.
struct Matchers: Sendable, Equatable {
    private struct Matcher: Sendable, Equatable {
        var name: String
        var pattern: String
        var glob: Glob?
    }

    private let matchers: [Matcher]

    init(_ patterns: [String: String]) {
        matchers = patterns.map { Matcher(name: $0.key, pattern: $0.value, glob: Glob($0.value)) }
    }

    static func == (left: Matchers, right: Matchers) -> Bool {
        left.matchers.sorted { $0.name < $1.name } == right.matchers.sorted { $0.name < $1.name }
    }

    /// Whether all of them fit the texts that the names stand for.
    func fit(_ text: (String) -> String) -> Bool {
        matchers.allSatisfy { matcher in
            let text = text(matcher.name)
            return matcher.glob?.matches(text) ?? (matcher.pattern == text)
        }
    }
}

extension Alert {
    func fits(_ matchers: [String: String], severity: Severity?, node: String) -> Bool {
        fits(Matchers(matchers), severity: severity, node: node)
    }

    func fits(_ matchers: Matchers, severity: Severity?, node: String) -> Bool {
        matchers.fit { matchable($0, severity: severity, node: node) }
    }

    /// What a name stands for.
    func matchable(_ name: String, severity: Severity?, node: String) -> String {
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
