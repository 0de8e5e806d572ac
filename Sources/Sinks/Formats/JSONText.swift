import FoundationEssentials

/// Asks whether text is JSON, without keeping what it says.
enum JSONText {
    static func isValid(_ bytes: [UInt8]) -> Bool {
        (try? JSONDecoder().decode(Anything.self, from: Data(bytes))) != nil
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}
