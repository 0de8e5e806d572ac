/// Whose state a reading describes: inside a container, the reader's own is easily mistaken for the host's.
package enum HostScope: String, Sendable {
    case host, container, unknown
}

/// What a file says, and about whom.
@dynamicMemberLookup
package struct HostReading<Value: Sendable>: Sendable {
    package var value: Value
    package var scope: HostScope

    /// The value's members, so that a reading reads like its value.
    package subscript<Member>(dynamicMember member: KeyPath<Value, Member>) -> Member { value[keyPath: member] }
}

extension HostReading: Equatable where Value: Equatable {}
