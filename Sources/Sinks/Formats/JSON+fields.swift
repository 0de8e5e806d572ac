import Basics

extension JSON {
    /// An object of the fields that say something: null, nil and objects without members are left out.
    static func fields(_ fields: (String, JSON?)...) -> JSON {
        .object(
            fields.compactMap { name, value in
                guard let value, value != .null, value != .object([]) else { return nil }
                return Member(name, value)
            }
        )
    }
}
