package import Basics

/// What the kernel says of a process in one line.
///
/// Kernel document: <https://docs.kernel.org/filesystems/proc.html> (table 1-4, `stat`); readable for everybody. The
/// name may hold blanks, parentheses and, escaped, line breaks.
/// ```
/// 412 (tmux: server) S 1 412 412 0 -1 4194304 98 0 0 0 0 0 0 0 20 0 1 0 2406863 3133440 361 …
/// ```
package struct ProcessStat: HostFile {
    package static let source = HostPath(.proc, "1/stat")

    package var pid: Int32
    package var name: ProcessName
    /// The kernel's letter: `R` runs, `S` sleeps, `D` waits and cannot be interrupted, `Z` has ended.
    package var state: UInt8
    /// The process that started it or took it over, 0 if none in its PID namespace.
    package var parent: Int32
    /// Whether it is a part of the kernel: it has no command line, no files and no user.
    package var isKernelThread: Bool
    /// Threads, the first one counted too.
    package var threads: Int32
    /// When it started, in hundredths of a second since boot; with the number it names the process for ever.
    package var start: UInt64

    /// `PF_KTHREAD` of the kernel's `include/linux/sched.h`.
    private static let kernelThread: UInt64 = 0x0020_0000

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        guard let stat = Self(bytes.span.bytes) else {
            throw .malformed(path: path, line: 1, because: "it is not the line of a process")
        }
        self = stat
    }

    /// Nil for anything else; what comes after the start is not looked at and may be cut off.
    init?(_ line: RawSpan) {
        // A name may hold `) R 1 2`, what follows it cannot: the last parenthesis ends it.
        var place = 0
        guard let number = line.number(&place, base: 10), let pid = Int32(exactly: number),
            line.byte(place) == UInt8(ascii: " "), line.byte(place + 1) == UInt8(ascii: "("),
            let close = line.last(UInt8(ascii: ")")), close > place + 1
        else { return nil }
        let name = place + 2..<close
        place = line.skipBlanks(from: close + 1)
        let letter = line.byte(place)
        guard letter.isLetter, line.byte(place + 1) == UInt8(ascii: " "),
            let parent = line.field(&place, after: 0).flatMap(Int32.init(exactly:)),
            let flags = line.field(&place, after: 4),
            let threads = line.field(&place, after: 10).flatMap(Int32.init(exactly:)),
            let start = line.field(&place, after: 1)
        else { return nil }
        self.pid = pid
        self.name = ProcessName(escaped: line.extracting(name))
        state = letter
        self.parent = parent
        isKernelThread = flags & Self.kernelThread != 0
        self.threads = threads
        self.start = start
    }

    /// Whether it has ended and its parent has not asked how; one whose other threads live on is none.
    package var isZombie: Bool { state == UInt8(ascii: "Z") && threads <= 1 }

    /// Whether it waits and cannot be interrupted, for a disk or a server as a rule.
    package var isBlocked: Bool { state == UInt8(ascii: "D") }

    /// Whether it waits for something to happen, as most do; a part of the kernel is `I` then.
    var isAsleep: Bool { state == UInt8(ascii: "S") || state == UInt8(ascii: "I") }

    /// What it stays while it lives, and no other process is.
    package var key: Key { Key(pid: pid, start: start) }

    /// A process, told apart from a later one with the same number.
    package struct Key: Hashable, Sendable {
        package var pid: Int32
        package var start: UInt64
    }
}

/// What a process calls itself: at most fifteen bytes, kept without an allocation.
package struct ProcessName: Hashable, Sendable {
    /// The last one is their number.
    private var bytes = SIMD16<UInt8>()

    private var count: Int { Int(bytes[15]) }

    /// The name as `<pid>/stat` writes it, a line break as `\n` and a backslash as `\\`.
    init(escaped: RawSpan) {
        var count = 0
        var isEscaped = false
        for place in 0..<escaped.byteCount where count < 15 {
            let byte = escaped.byte(place)
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
                continue
            }
            bytes[count] = isEscaped && byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte
            isEscaped = false
            count += 1
        }
        bytes[15] = UInt8(count)
    }

    /// Whether it fills all its space, so that more of it may have been cut off.
    package var mayBeCut: Bool { count == 15 }

    /// Chosen by the process itself; safe to show.
    package var text: String { withBytes { String(decoding: $0, as: UTF8.self) }.safe(limit: 64) }

    package func matches(_ glob: Glob) -> Bool { withBytes { glob.matches(bytes: $0) } }

    private func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        withUnsafeBytes(of: bytes) { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: false
        }
    }
}

extension RawSpan {
    /// Where a byte occurs last, of the few places where it does.
    fileprivate func last(_ byte: UInt8) -> Int? {
        var last: Int?
        while let next = first(byte, from: last.map { $0 + 1 } ?? 0) { last = next }
        return last
    }

    /// The field behind the one at `place` and so many others, as a decimal number; `place` moves to it.
    fileprivate func field(_ place: inout Int, after others: Int) -> UInt64? {
        for _ in 0...others { place = skipBlanks(from: skipField(from: place)) }
        var end = place
        let number = number(&end, base: 10)
        return byte(end) == UInt8(ascii: " ") ? number : nil
    }
}
