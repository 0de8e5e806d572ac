import Procfs

/// A parser of what we do not control, and how to run it on any bytes.
///
/// It may refuse them. It must not trap, hang or read what is not there.
package struct Parser: Sendable {
    /// The type that parses; its seeds are in the folder of this name.
    package let name: String
    /// Fixtures that are seeds as well, as shell patterns below `Tests/Fixtures`.
    let fixtures: [String]
    /// The files below `Sources`, beside those of kernel files, whose parsing it runs.
    package let sources: [String]
    /// Runs it; whether it understood the bytes.
    package let run: @Sendable (RawSpan) -> Bool

    init(
        _ name: String,
        of sources: String...,
        fixtures: [String] = [],
        run: @escaping @Sendable (RawSpan) throws -> Bool
    ) {
        self.name = name
        self.sources = sources
        self.fixtures = fixtures
        self.run = { (try? run($0)) ?? false }
    }

    /// Every one; `FuzzedParserTests` see that none is forgotten.
    package static let all =
        HostFiles.all.map { kernelFile($0) } + procfs + netlink + systemBus + timeSync + engine + settings + basics
}

extension RawSpan {
    /// A copy, as most parsers want it.
    var array: [UInt8] { unsafe withUnsafeBytes { Array($0) } }

    /// The same bytes as they might come: piece by piece, of a size that the length decides.
    func pieces(_ take: (RawSpan) throws -> Void) rethrows {
        let size = 1 + byteCount % 97
        var place = 0
        while place < byteCount {
            let end = min(place + size, byteCount)
            try take(extracting(place..<end))
            place = end
        }
    }
}
