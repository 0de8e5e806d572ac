/// What a clock says of the last minute of the present day.
///
/// Document: RFC 5905, figure 9.
package enum LeapWarning: UInt8, Sendable {
    case none = 0
    /// It has 61 seconds.
    case insert = 1
    /// It has 59 seconds.
    case delete = 2
    /// Nothing: the clock is not synchronised.
    case unsynchronised = 3

    /// As a state's name.
    package var name: String {
        switch self {
        case .none: "none"
        case .insert: "insert"
        case .delete: "delete"
        case .unsynchronised: "unsynchronised"
        }
    }
}
