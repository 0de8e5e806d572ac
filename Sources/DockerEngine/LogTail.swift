package import Basics

/// The last lines that a container wrote, fit to be shown: without what looks like a secret, without escapes and control
/// characters, bounded.
package enum LogTail: Hashable, Sendable {
    /// One or more lines, oldest first; empty where it wrote none.
    case lines(String)
    /// Why there are none to be had.
    case missing(because: String)

    /// A line's longest beginning, and the whole, in bytes: no more than an annotation holds.
    static let lineLimit = 300
    static let limit = 4000

    /// From the engine's answer.
    init(_ body: [UInt8], isTTY: Bool?, lines count: Int) {
        let written = LogFrames.lines(in: body, isTTY: isTTY, last: count)
        // As one text: a private key goes over many lines.
        let text = SecretMask.mask(
            String(decoding: Self.plain(Array(written.joined(separator: [0x0A]))), as: UTF8.self)
        )
        var kept: [String] = []
        var size = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).reversed() {
            let shown = String(line).safe(limit: Self.lineLimit)
            size += shown.utf8.count + 1
            guard size <= Self.limit else { break }
            kept.append(shown)
        }
        self = .lines(kept.reversed().joined(separator: "\n"))
    }

    /// The bytes without the sequences that a terminal acts on (ECMA-48: `ESC [ … letter`, `ESC ] … BEL`, `ESC letter`).
    private static func plain(_ bytes: [UInt8]) -> [UInt8] {
        enum State { case text, escape, control, string, stringEscape }
        var state = State.text
        var plain: [UInt8] = []
        for byte in bytes {
            switch (state, byte) {
            // A sequence that a line's end cuts off is over.
            case (_, 0x0A):
                plain.append(byte)
                state = .text
            case (.text, 0x1B): state = .escape
            case (.text, _): plain.append(byte)
            case (.escape, UInt8(ascii: "[")): state = .control
            case (.escape, UInt8(ascii: "]")): state = .string
            case (.escape, _): state = .text
            case (.control, 0x40...0x7E): state = .text
            case (.control, _): break
            case (.string, 0x07): state = .text
            case (.string, 0x1B): state = .stringEscape
            case (.string, _): break
            case (.stringEscape, _): state = .text
            }
        }
        return plain
    }
}

/// What is asked of the log of a run that has ended.
package struct LogQuery: Hashable, Sendable {
    /// The last so many lines.
    package var lines: Int
    /// Not what the run before wrote, nor the next one.
    package var since: Timestamp?
    package var until: Timestamp?
    /// Whether the container has a terminal; nil where no inspect told.
    package var isTTY: Bool?

    package init(lines: Int, since: Timestamp? = nil, until: Timestamp? = nil, isTTY: Bool? = nil) {
        self.lines = lines
        self.since = since
        self.until = until
        self.isTTY = isTTY
    }
}
