import Basics

extension Parser {
    static let basics = [
        Parser(
            "SecretMask",
            of: "Basics/SecretMask.swift",
            "Basics/SecretMask+tokens.swift",
            "Basics/SecretMask+values.swift",
            "Basics/SecretName.swift"
        ) { bytes in
            let text = String(decoding: bytes.array.prefix(4096), as: UTF8.self)
            let shown = SecretMask.mask(text)
            // Nothing is left of it that would be blotted out at a second look, but for what the blot itself parts.
            return shown != text && SecretMask.mask(shown).utf8.count <= shown.utf8.count + 4096
        },
        Parser("Timestamp", of: "Basics/Timestamp.swift") { bytes in
            Timestamp(String(decoding: bytes.array, as: UTF8.self))?.description.isEmpty == false
        },
        Parser("ZoneRules", of: "Basics/ZoneRules.swift", "Basics/ZoneTail.swift") { bytes in
            let bytes = bytes.array
            let rules = ZoneRules(file: bytes) ?? ZoneRules(posix: String(decoding: bytes, as: UTF8.self))
            guard let rules else { return false }
            for moment: Int64 in [.min, -1 << 40, 0, 1_800_000_000, 1 << 40, .max / 2, .max] {
                _ = rules.moment(ofLocal: moment)
                var span = rules.span(at: moment)
                // From one change to the next, as a schedule goes.
                for _ in 0..<4 {
                    guard let end = span.end else { break }
                    span = rules.span(at: end)
                }
            }
            return true
        },
    ]
}
