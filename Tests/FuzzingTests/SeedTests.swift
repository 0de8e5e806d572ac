import Fuzzing
import Testing

@Suite struct SeedTests {
    @Test(
        "a parser reads each of its seeds without a trap, and understands one at least",
        arguments: Parser.all.map(\.name)
    )
    func seeds(name: String) throws {
        let parser = try #require(Parser.all.first { $0.name == name })
        let understood = parser.seeds.count { seed in
            let bytes = Parser.content(of: seed)
            return parser.run(bytes.span.bytes)
        }
        #expect(understood > 0, "of \(parser.seeds.count) seeds")
    }

    @Test("a parser stands nothing at all, beginnings of its seeds, and noise", arguments: Parser.all.map(\.name))
    func beginnings(name: String) throws {
        let parser = try #require(Parser.all.first { $0.name == name })
        let nothing: [UInt8] = []
        let isUnderstood = parser.run(nothing.span.bytes)
        #expect(!isUnderstood || Self.mayBeEmpty.contains(name))
        for seed in parser.seeds {
            let bytes = Parser.content(of: seed)
            for count in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 40) {
                let beginning = Array(bytes[..<count])
                _ = parser.run(beginning.span.bytes)
            }
        }
        let noise = [UInt8](repeating: 0xFF, count: 1000)
        _ = parser.run(noise.span.bytes)
    }

    /// What says nothing when it is empty, and may be.
    private static let mayBeEmpty: Set = [
        "ContainerLabels", "DiskStats", "FSTab", "IPv6Addresses", "IPv6Routes", "YAMLReader",
    ]
}
