/// One configured use of a check's kind: `docker`, `http.grafana`.
package struct CheckID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The kind, as in `CheckCatalogue`: `http`.
    package var kind: String
    /// The instance's name; nil where the kind is used once.
    package var instance: String?

    package init(_ kind: String, instance: String? = nil) {
        self.kind = kind
        self.instance = instance
    }

    package var description: String { instance.map { "\(kind).\($0)" } ?? kind }

    package static func < (left: CheckID, right: CheckID) -> Bool { left.description < right.description }
}
