/// How bad a breach is.
package enum Severity: String, CaseIterable, Codable, Comparable, Sendable {
    case info, warning, critical

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .critical: 2
        }
    }
}
