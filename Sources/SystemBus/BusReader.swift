import Basics

/// Reads values as D-Bus lays them out.
///
/// Document: D-Bus Specification ("Marshaling (Wire Format)"). What is not wanted is passed over by its signature.
struct BusReader {
    private var reader: ByteReader
    /// Alignment counts from here.
    private let base: Int

    /// The deepest nesting that the specification allows.
    private static let mostDepth = 64

    init(_ bytes: [UInt8], from start: Int = 0, isBigEndian: Bool = false) {
        reader = ByteReader(bytes, from: start, isBigEndian: isBigEndian)
        base = start
    }

    private init(_ reader: ByteReader, base: Int) {
        self.reader = reader
        self.base = base
    }

    var isAtEnd: Bool { reader.isAtEnd }
    var position: Int { reader.position }

    mutating func byte() throws(BusError) -> UInt8 { try number(UInt8.self) }
    mutating func uint32() throws(BusError) -> UInt32 { try number(UInt32.self) }
    mutating func uint64() throws(BusError) -> UInt64 { try number(UInt64.self) }

    private mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type
    ) throws(BusError) -> Number {
        try align(Number.bitWidth / 8)
        guard let number = reader.next(type) else { throw Self.short }
        return number
    }

    /// A string or an object path.
    mutating func string() throws(BusError) -> String { String(decoding: try text(), as: UTF8.self) }

    private mutating func text() throws(BusError) -> ArraySlice<UInt8> {
        let length = try uint32()
        guard let text = reader.next(Int(length)), reader.next(UInt8.self) == 0 else { throw Self.short }
        return text
    }

    mutating func signature() throws(BusError) -> [UInt8] {
        let length = try byte()
        guard let text = reader.next(Int(length)), reader.next(UInt8.self) == 0 else { throw Self.short }
        return Array(text)
    }

    /// An array's elements, each read by `element`; they begin at multiples of `alignment`.
    mutating func array(
        alignment: Int,
        element: (inout BusReader) throws(BusError) -> Void
    ) throws(BusError) {
        let length = Int(try uint32())
        try align(alignment)
        guard reader.end - reader.position >= length else { throw Self.short }
        let end = reader.position + length
        let inner = ByteReader(reader.bytes, from: reader.position, to: end, isBigEndian: reader.isBigEndian)
        var elements = BusReader(inner, base: base)
        while !elements.isAtEnd { try element(&elements) }
        _ = reader.skip(length)
    }

    mutating func align(_ alignment: Int) throws(BusError) {
        let rest = (reader.position - base) % alignment
        guard rest == 0 || reader.skip(alignment - rest) else { throw Self.short }
    }

    // MARK: - Passing over

    /// Passes over one value of each type in `signature`.
    mutating func skip(_ signature: [UInt8], depth: Int = 0) throws(BusError) {
        var rest = signature[...]
        while !rest.isEmpty { try skipOne(&rest, depth: depth) }
    }

    private mutating func skipOne(_ signature: inout ArraySlice<UInt8>, depth: Int) throws(BusError) {
        guard depth < Self.mostDepth else { throw .malformed(because: "values are nested too deeply") }
        guard let type = signature.popFirst() else { throw .malformed(because: "a signature ends too early") }
        switch type {
        case UInt8(ascii: "y"): _ = try byte()
        case UInt8(ascii: "n"), UInt8(ascii: "q"): _ = try number(UInt16.self)
        case UInt8(ascii: "b"), UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "h"): _ = try uint32()
        case UInt8(ascii: "x"), UInt8(ascii: "t"), UInt8(ascii: "d"): _ = try uint64()
        case UInt8(ascii: "s"), UInt8(ascii: "o"): _ = try text()
        case UInt8(ascii: "g"): _ = try self.signature()
        case UInt8(ascii: "v"):
            let inner = try self.signature()
            guard !inner.isEmpty else { throw .malformed(because: "a variant has no type") }
            try skip(inner, depth: depth + 1)
        case UInt8(ascii: "a"): try skipArray(&signature, depth: depth)
        case UInt8(ascii: "("), UInt8(ascii: "{"):
            try align(8)
            while let next = signature.first, next != UInt8(ascii: ")"), next != UInt8(ascii: "}") {
                try skipOne(&signature, depth: depth + 1)
            }
            guard signature.popFirst() != nil else { throw .malformed(because: "a signature ends too early") }
        default: throw .malformed(because: "a signature has an unknown type")
        }
    }

    /// An array says how long it is: its elements need not be looked at.
    private mutating func skipArray(_ signature: inout ArraySlice<UInt8>, depth: Int) throws(BusError) {
        let length = Int(try uint32())
        guard let type = signature.first else { throw .malformed(because: "a signature ends too early") }
        try align(Self.alignment(type))
        guard reader.skip(length) else { throw Self.short }
        try Self.passType(&signature, depth: depth)
    }

    /// Takes one complete type off a signature.
    private static func passType(_ signature: inout ArraySlice<UInt8>, depth: Int) throws(BusError) {
        guard depth < mostDepth else { throw .malformed(because: "values are nested too deeply") }
        switch signature.popFirst() {
        case UInt8(ascii: "a"): try passType(&signature, depth: depth + 1)
        case UInt8(ascii: "("), UInt8(ascii: "{"):
            while let next = signature.first, next != UInt8(ascii: ")"), next != UInt8(ascii: "}") {
                try passType(&signature, depth: depth + 1)
            }
            guard signature.popFirst() != nil else { throw .malformed(because: "a signature ends too early") }
        case nil: throw .malformed(because: "a signature ends too early")
        default: return
        }
    }

    private static func alignment(_ type: UInt8) -> Int {
        switch type {
        case UInt8(ascii: "y"), UInt8(ascii: "g"), UInt8(ascii: "v"): 1
        case UInt8(ascii: "n"), UInt8(ascii: "q"): 2
        case UInt8(ascii: "x"), UInt8(ascii: "t"), UInt8(ascii: "d"), UInt8(ascii: "("), UInt8(ascii: "{"): 8
        default: 4
        }
    }

    private static let short = BusError.malformed(because: "it ends too early")
}
