import FoundationEssentials

/// Reads the engine's JSON, also where a text within it is broken: one container's label must not hide all the others.
enum EngineJSON {
    static func decode<Value: Decodable>(_ type: Value.Type, from body: [UInt8]) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            guard let repaired = repaired(body) else { throw error }
            return try JSONDecoder().decode(type, from: Data(repaired))
        }
    }

    /// With `�` in place of bytes that are no UTF-8 and of single halves of a surrogate pair; nil where there are none.
    static func repaired(_ body: [UInt8]) -> [UInt8]? {
        let text = Array(String(decoding: body, as: UTF8.self).utf8)
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var place = 0
        while place < text.count {
            guard text[place] == UInt8(ascii: "\\") else {
                result.append(text[place])
                place += 1
                continue
            }
            var length = 2
            switch unit(in: text, at: place) ?? 0 {
            case 0xD800...0xDBFF where (0xDC00...0xDFFF).contains(unit(in: text, at: place + 6) ?? 0): length = 12
            case 0xD800...0xDFFF:
                result += "\\ufffd".utf8
                place += 6
                continue
            default: break
            }
            let end = min(place + length, text.count)
            result += text[place..<end]
            place = end
        }
        return result == body ? nil : result
    }

    /// What `\uXXXX` at this place stands for; nil for anything else.
    private static func unit(in text: [UInt8], at place: Int) -> UInt16? {
        guard place + 6 <= text.count, text[place] == UInt8(ascii: "\\"), text[place + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return UInt16(String(decoding: text[place + 2..<place + 6], as: UTF8.self), radix: 16)
    }
}
