import Glibc

/// The path of one file of each of many processes, relative to the procfs, spelt in one place of memory.
struct ProcessPath {
    private var bytes: [CChar]
    private let file: [CChar]

    init(_ file: ProcessFile) {
        self.file = [CChar(bitPattern: UInt8(ascii: "/"))] + file.rawValue.utf8.map { CChar(bitPattern: $0) } + [0]
        bytes = [CChar](repeating: 0, count: 12 + self.file.count)
    }

    /// Calls `body` with `<pid>/<file>`.
    mutating func with<Value>(_ pid: Int32, _ body: (UnsafePointer<CChar>) -> Value) -> Value {
        var digits = 1
        var rest = pid
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = pid
        for place in stride(from: digits - 1, through: 0, by: -1) {
            bytes[place] = CChar(bitPattern: UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        for (place, byte) in file.enumerated() { bytes[digits + place] = byte }
        return bytes.withUnsafeBufferPointer { buffer in
            // Never empty.
            buffer.baseAddress.map(body) ?? withUnsafePointer(to: CChar(0), body)
        }
    }

    /// A directory entry's name as a number.
    static func number(_ entry: inout dirent) -> Int32? {
        withUnsafeBytes(of: &entry.d_name) { name in
            var value: Int32 = 0
            for (index, byte) in name.enumerated() {
                if byte == 0 { return index > 0 ? value : nil }
                guard let digit = byte.hexadecimalDigit, digit < 10, value < 100_000_000 else { return nil }
                value = value * 10 + Int32(digit)
            }
            return nil
        }
    }
}
