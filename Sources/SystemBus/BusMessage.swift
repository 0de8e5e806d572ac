import Basics

/// A method call as it goes over the wire.
///
/// Document: D-Bus Specification ("Message Protocol").
struct BusCall: Sendable, Equatable {
    enum Argument: Sendable, Equatable {
        case string(String)
        case strings([String])
    }

    var destination: String
    var path: String
    var interface: String
    var member: String
    var arguments: [Argument] = []

    /// The call as bytes, least first.
    func bytes(serial: UInt32) -> [UInt8] {
        var body = BusWriter()
        var signature = ""
        for argument in arguments {
            switch argument {
            case .string(let text):
                signature += "s"
                body.string(text)
            case .strings(let texts):
                signature += "as"
                body.array { for text in texts { $0.string(text) } }
            }
        }
        var message = BusWriter()
        message.bytes = [UInt8(ascii: "l"), 1, 0, 1]
        message.uint32(UInt32(body.bytes.count))
        message.uint32(serial)
        message.array(alignment: 8) { fields in
            fields.field(1, "o", path)
            fields.field(2, "s", interface)
            fields.field(3, "s", member)
            fields.field(6, "s", destination)
            if !signature.isEmpty { fields.field(8, "g", signature) }
        }
        message.align(8)
        return message.bytes + body.bytes
    }
}

/// Lays values out as D-Bus wants them.
private struct BusWriter {
    var bytes: [UInt8] = []

    mutating func align(_ alignment: Int) { while bytes.count % alignment != 0 { bytes.append(0) } }

    mutating func uint32(_ number: UInt32) {
        align(4)
        bytes.append(number, isBigEndian: false)
    }

    mutating func string(_ text: String) {
        uint32(UInt32(text.utf8.count))
        bytes += text.utf8
        bytes.append(0)
    }

    mutating func signature(_ text: String) {
        bytes.append(UInt8(truncatingIfNeeded: text.utf8.count))
        bytes += text.utf8
        bytes.append(0)
    }

    /// A field of a message's header: its number and a variant.
    mutating func field(_ number: UInt8, _ type: String, _ text: String) {
        align(8)
        bytes.append(number)
        signature(type)
        if type == "g" { signature(text) } else { string(text) }
    }

    mutating func array(alignment: Int = 4, _ elements: (inout BusWriter) -> Void) {
        uint32(0)
        let place = bytes.count - 4
        align(alignment)
        let start = bytes.count
        elements(&self)
        let length = UInt32(bytes.count - start)
        for offset in 0..<4 { bytes[place + offset] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(offset))) }
    }
}

/// An answer from the bus.
struct BusReply: Sendable, Equatable {
    /// Which call it answers.
    var serial: UInt32
    /// The error's name where the call failed.
    var error: String?
    var signature: [UInt8]
    private var message: [UInt8]
    private var bodyStart: Int
    private var isBigEndian: Bool

    /// The values.
    var body: BusReader { BusReader(message, from: bodyStart, isBigEndian: isBigEndian) }

    /// The values, which must be of these types.
    func body(_ expected: String) throws(BusError) -> BusReader {
        if let error {
            // By convention the first value says what went wrong.
            var reader = body
            var text = ""
            if signature.first == UInt8(ascii: "s") { text = try reader.string() }
            throw .failed(name: error, message: text)
        }
        guard signature.elementsEqual(expected.utf8) else {
            throw .malformed(because: "a \(expected) was expected")
        }
        return body
    }

    /// How long the message is that begins with `start`; nil while too little of it is there.
    static func length(_ start: ArraySlice<UInt8>) throws(BusError) -> Int? {
        guard start.count >= 16 else { return nil }
        let bytes = Array(start.prefix(16))
        guard bytes[0] == UInt8(ascii: "l") || bytes[0] == UInt8(ascii: "B"), bytes[3] == 1 else {
            throw .malformed(because: "it is no message")
        }
        var reader = ByteReader(bytes, from: 4, isBigEndian: bytes[0] == UInt8(ascii: "B"))
        guard let body = reader.next(UInt32.self), reader.skip(4), let fields = reader.next(UInt32.self) else {
            return nil
        }
        return 16 + (Int(fields) + 7) / 8 * 8 + Int(body)
    }

    /// Reads a whole message; nil where it is no answer but a signal or a call.
    init?(_ message: [UInt8]) throws(BusError) {
        guard message.count >= 16 else { throw .malformed(because: "it is no message") }
        isBigEndian = message[0] == UInt8(ascii: "B")
        // Returns and errors.
        guard message[1] == 2 || message[1] == 3 else { return nil }
        var reader = BusReader(message, isBigEndian: isBigEndian)
        try reader.skip(Array("yyyyuu".utf8))
        var serial: UInt32?
        var error: String?
        var signature: [UInt8] = []
        try reader.array(alignment: 8) { (field: inout BusReader) throws(BusError) in
            try field.align(8)
            let number = try field.byte()
            let type = try field.signature()
            switch (number, String(decoding: type, as: UTF8.self)) {
            case (4, "s"): error = try field.string()
            case (5, "u"): serial = try field.uint32()
            case (8, "g"): signature = try field.signature()
            default: try field.skip(type)
            }
        }
        try reader.align(8)
        guard let serial else { throw .malformed(because: "an answer does not say to what") }
        self.serial = serial
        self.error = message[1] == 3 ? error ?? "unknown" : nil
        self.signature = signature
        self.message = message
        bodyStart = reader.position
    }
}
