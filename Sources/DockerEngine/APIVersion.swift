/// A version of the Engine API: `1.41`.
///
/// History: <https://github.com/moby/moby/blob/master/api/docs/CHANGELOG.md>.
package struct APIVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var major: Int
    package var minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `1.41`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Self.number(parts[0]), let minor = Self.number(parts[1]) else { return nil }
        self.init(major, minor)
    }

    package var description: String { "\(major).\(minor)" }

    package static func < (left: APIVersion, right: APIVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// The versions whose replies this module knows.
    package static let known = APIVersion(1, 24)...APIVersion(1, 56)

    /// The newest version that both the engine and this module speak.
    ///
    /// A hard-coded version fails one day: engines since 29.0 refuse what is older than 1.44.
    static func agreed(newest: APIVersion, oldest: APIVersion?) throws(EngineError) -> APIVersion {
        guard newest >= known.lowerBound else { throw .tooOld(newest) }
        let oldest = oldest ?? known.lowerBound
        guard oldest <= known.upperBound else { throw .tooNew(oldest) }
        return min(newest, known.upperBound)
    }

    private static func number(_ text: some StringProtocol) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
