import Basics
import Settings

/// A label on a container that does not count, and why (S28).
package struct RefusedLabel: Sendable, Equatable {
    /// As its owner wrote it, fit to be shown: `custos.docker.restarts.critcal`.
    package var name: String
    /// `unknown label`.
    package var reason: String
    /// What to write instead.
    package var remedy: String

    private init(_ name: String, _ reason: String, _ remedy: String) {
        self.name = name.safe(limit: 160)
        self.reason = reason.safe(limit: 256)
        self.remedy = remedy.safe(limit: 256)
    }

    private static let page = "docs/reference/labels.md says which labels there are and what they take"

    /// What labels that would declare a probe begin with: so far no kind of check takes any.
    private static let probes = ["http", "tcp", "dns", "tls", "icmp"].map { "custos.\($0)" }

    /// What the settings find wrong with a label.
    init(_ problem: Problem) {
        let name = if case .label(let name, _) = problem.origin { name } else { problem.path }
        if Self.probes.contains(where: { name == $0 || name.hasPrefix("\($0).") }) {
            self.init(name, "no probe can be declared by a label yet", "set it in the file or the environment")
            return
        }
        self.init(name, problem.message, problem.nearest.map { "did you mean `\($0)`?" } ?? problem.remedy ?? Self.page)
    }

    /// A switch with a value that is neither yes nor no.
    static func switching(_ name: String, _ text: String) -> RefusedLabel {
        RefusedLabel(name, "expected \(Bool.expectation), found `\(text.safe(limit: 60))`", page)
    }

    /// More labels than anybody needs.
    static func unread(_ count: Int) -> RefusedLabel {
        RefusedLabel(
            "custos.*",
            "\(count) more \(count == 1 ? "label is" : "labels are") too many or too long to be read",
            "\(ContainerTraits.bounds)"
        )
    }

    /// The whole in one line.
    var text: String { "\(name): \(reason); \(remedy)" }
}
