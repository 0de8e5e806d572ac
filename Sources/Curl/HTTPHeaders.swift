/// An answer's header fields in the order they came; names compare without regard to case.
package struct HTTPHeaders: Hashable, Sendable {
    /// One name and its value, without the spaces around it.
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package private(set) var fields: [Field]

    package init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// The first value under this name.
    package subscript(name: String) -> String? {
        fields.first { Self.same($0.name, name) }?.value
    }

    /// Every value under this name.
    package func all(_ name: String) -> [String] {
        fields.filter { Self.same($0.name, name) }.map(\.value)
    }

    /// Takes one raw line as libcurl hands it over; a line without a colon counts for nothing.
    mutating func append(line: some Collection<UInt8>) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        fields.append(
            Field(
                String(decoding: Self.trimmed(line[..<colon]), as: UTF8.self),
                String(decoding: Self.trimmed(line[line.index(after: colon)...]), as: UTF8.self)
            )
        )
    }

    private static func trimmed<Bytes: Collection<UInt8>>(_ bytes: Bytes) -> [UInt8] {
        var result = Array(bytes.drop(while: isSpace))
        while let last = result.last, isSpace(last) { result.removeLast() }
        return result
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8) { lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
