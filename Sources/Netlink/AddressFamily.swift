import Glibc

/// The two internet protocols.
package enum AddressFamily: String, Sendable, CaseIterable {
    case ipv4, ipv6

    /// Nil for any other protocol's number.
    init?(number: UInt8) {
        switch Int32(number) {
        case AF_INET: self = .ipv4
        case AF_INET6: self = .ipv6
        default: return nil
        }
    }

    /// The kernel's number.
    var number: UInt8 {
        switch self {
        case .ipv4: UInt8(AF_INET)
        case .ipv6: UInt8(AF_INET6)
        }
    }
}
