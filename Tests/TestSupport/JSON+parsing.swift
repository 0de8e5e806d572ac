package import Basics
import FoundationEssentials

extension JSON {
    /// Reads a text; objects come sorted by name, since `JSONDecoder` does not keep their order.
    package init(parsing text: some Collection<UInt8>) throws {
        self = try JSONDecoder().decode(Decoded.self, from: Data(text)).value
    }

    /// The value under a name of an object, or at an index of an array; nil where there is none.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    package subscript(index: Int) -> JSON? {
        guard case .array(let items) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    /// The text of a string, nil for any other value.
    package var stringValue: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The elements of an array; none for any other value.
    package var items: [JSON] {
        guard case .array(let items) = self else { return [] }
        return items
    }

    private struct Decoded: Decodable {
        var value: JSON

        init(from decoder: any Decoder) throws {
            if let keyed = try? decoder.container(keyedBy: Name.self) {
                value = .object(
                    try keyed.allKeys.sorted { $0.stringValue < $1.stringValue }.map {
                        Member($0.stringValue, try keyed.decode(Decoded.self, forKey: $0).value)
                    }
                )
            } else if var list = try? decoder.unkeyedContainer() {
                var items: [JSON] = []
                while !list.isAtEnd { items.append(try list.decode(Decoded.self).value) }
                value = .array(items)
            } else {
                let single = try decoder.singleValueContainer()
                if single.decodeNil() {
                    value = .null
                } else if let flag = try? single.decode(Bool.self) {
                    value = .bool(flag)
                } else if let whole = try? single.decode(Int64.self) {
                    value = .integer(whole)
                } else if let number = try? single.decode(Double.self) {
                    value = .number(number)
                } else {
                    value = .string(try single.decode(String.self))
                }
            }
        }
    }

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
