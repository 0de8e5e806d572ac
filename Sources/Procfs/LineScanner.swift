/// Walks a file's lines without copying them.
///
/// The kernel ends every line: a last line without its newline was cut off, and what it says may be half a number.
struct LineScanner {
    let bytes: [UInt8]
    let path: String
    /// The number of the line given last, from 1.
    private(set) var number = 0
    /// Where the line after it begins.
    private(set) var position = 0

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// The next line's fields; nil at the end of the file.
    mutating func next() throws(HostFileError) -> Fields? {
        guard position < bytes.count else {
            guard number > 0 else { throw malformed("the file is empty") }
            return nil
        }
        number += 1
        let lineBreak = bytes.withUnsafeBytes { $0.first(UInt8(ascii: "\n"), from: position) }
        guard let end = lineBreak else { throw malformed("the file ends in the middle of a line") }
        defer { position = end + 1 }
        return Fields(bytes[position..<end])
    }

    /// The next line, which the file must have.
    mutating func required(_ what: StaticString) throws(HostFileError) -> Fields {
        guard let line = try next() else { throw malformed("\(what) is missing", line: number + 1) }
        return line
    }

    /// The next field of `line` as a decimal number.
    func decimal(_ line: inout Fields, _ what: StaticString) throws(HostFileError) -> UInt64 {
        guard let value = line.next()?.decimal else { throw malformed("\(what) is not a number") }
        return value
    }

    /// The error for the line given last, unless another is named.
    func malformed(_ because: String, line: Int? = nil) -> HostFileError {
        .malformed(path: path, line: max(1, line ?? number), because: because)
    }
}

/// The fields of one line, which runs of blanks part.
struct Fields: IteratorProtocol {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func next() -> ArraySlice<UInt8>? {
        while position < bytes.endIndex, bytes[position].isBlank { position += 1 }
        guard position < bytes.endIndex else { return nil }
        let start = position
        while position < bytes.endIndex, !bytes[position].isBlank { position += 1 }
        return bytes[start..<position]
    }

    /// What is left of the line, blanks around it removed.
    var rest: ArraySlice<UInt8> {
        var rest = bytes[position...]
        while let byte = rest.first, byte.isBlank { rest.removeFirst() }
        while let byte = rest.last, byte.isBlank { rest.removeLast() }
        return rest
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    /// The value of a hexadecimal digit.
    var hexadecimalDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension ArraySlice<UInt8> {
    /// An unsigned decimal number up to 2^64−1 and nothing else.
    var decimal: UInt64? { number(base: 10) }

    /// An unsigned hexadecimal number up to 2^64−1, without prefix, and nothing else.
    var hexadecimal: UInt64? { number(base: 16) }

    private func number(base: UInt8) -> UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in self {
            guard let digit = byte.hexadecimalDigit, digit < base else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: UInt64(base))
            let (sum, carried) = scaled.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carried else { return nil }
            value = sum
        }
        return value
    }

    /// Whether the bytes are exactly the name.
    func spells(_ name: StaticString) -> Bool {
        name.withUTF8Buffer { $0.count == count && $0.elementsEqual(self) }
    }

    /// The parts before and after the first `separator`.
    func parted(at separator: UInt8) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        firstIndex(of: separator).map { (self[..<$0], self[($0 + 1)...]) }
    }

    /// As text; bytes that are not UTF-8 become `�`.
    var text: String { String(decoding: self, as: UTF8.self) }
}
