import FoundationEssentials

/// Any JSON, to be changed in one place and read again.
enum JSONTree: Codable, Equatable {
    case object([String: JSONTree])
    case array([JSONTree])
    case text(String)
    case integer(Int64)
    case number(Double)
    case bool(Bool)
    case null

    init(_ bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(JSONTree.self, from: Data(bytes))
    }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let array = try? value.decode([JSONTree].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONTree].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .object(let members): try value.encode(members)
        case .array(let elements): try value.encode(elements)
        case .text(let text): try value.encode(text)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .bool(let bool): try value.encode(bool)
        case .null: try value.encodeNil()
        }
    }

    func read<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
    }

    /// Where its members are: the keys on the way to each; an array's first element stands for all.
    var paths: [[String]] {
        switch self {
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { key, value in [[key]] + value.paths.map { [key] + $0 } }
        case .array(let elements): elements.first?.paths ?? []
        case .text, .integer, .number, .bool, .null: []
        }
    }

    /// With one member changed, or without it where `change` answers nil; in every element of an array on the way.
    func changing(_ path: ArraySlice<String>, _ change: (JSONTree) -> JSONTree?) -> JSONTree {
        guard let key = path.first else { return self }
        switch self {
        case .object(var members):
            guard let value = members[key] else { return self }
            members[key] = path.count == 1 ? change(value) : value.changing(path.dropFirst(), change)
            return .object(members)
        case .array(let elements): return .array(elements.map { $0.changing(path, change) })
        case .text, .integer, .number, .bool, .null: return self
        }
    }

    /// With members that no engine has today, of each kind, in every object.
    var fromTheFuture: JSONTree {
        switch self {
        case .object(let members):
            .object(
                members.mapValues(\.fromTheFuture)
                    .merging([
                        "FutureText": .text("new"), "FutureNumber": .number(1e300), "FutureNull": .null,
                        "FutureList": .array([.object(["Id": .integer(1)]), .bool(true)]),
                    ]) { $1 }
            )
        case .array(let elements): .array(elements.map(\.fromTheFuture))
        case .text, .integer, .number, .bool, .null: self
        }
    }
}
