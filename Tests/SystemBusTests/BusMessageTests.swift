import Basics
import TestSupport
import Testing

@testable import SystemBus

/// Lays a message out by hand: what a bus would send.
struct Wire {
    var bytes: [UInt8] = []
    var isBigEndian = false

    mutating func align(_ alignment: Int) { while bytes.count % alignment != 0 { bytes.append(0) } }

    mutating func uint32(_ number: UInt32) {
        align(4)
        bytes.append(number, isBigEndian: isBigEndian)
    }

    mutating func uint64(_ number: UInt64) {
        align(8)
        bytes.append(number, isBigEndian: isBigEndian)
    }

    mutating func string(_ text: String) {
        uint32(UInt32(text.utf8.count))
        bytes += text.utf8
        bytes.append(0)
    }

    mutating func signature(_ text: String) {
        bytes.append(UInt8(text.utf8.count))
        bytes += text.utf8
        bytes.append(0)
    }

    /// An array whose elements begin at multiples of `alignment`.
    mutating func array(_ alignment: Int, _ body: (inout Wire) -> Void) {
        uint32(0)
        let place = bytes.count - 4
        align(alignment)
        let start = bytes.count
        body(&self)
        var length = Wire(isBigEndian: isBigEndian)
        length.uint32(UInt32(bytes.count - start))
        bytes.replaceSubrange(place..<(place + 4), with: length.bytes)
    }

    /// A method's return (2) or an error (3).
    static func reply(
        to serial: UInt32,
        type: UInt8 = 2,
        signature: String,
        error: String? = nil,
        isBigEndian: Bool = false,
        _ body: (inout Wire) -> Void
    ) -> [UInt8] {
        var content = Wire(isBigEndian: isBigEndian)
        body(&content)
        var message = Wire(isBigEndian: isBigEndian)
        message.bytes = [isBigEndian ? UInt8(ascii: "B") : UInt8(ascii: "l"), type, 1, 1]
        message.uint32(UInt32(content.bytes.count))
        message.uint32(99)
        message.array(8) { fields in
            fields.align(8)
            fields.bytes.append(5)
            fields.signature("u")
            fields.uint32(serial)
            fields.align(8)
            fields.bytes.append(7)
            fields.signature("s")
            fields.string("org.freedesktop.systemd1")
            if let error {
                fields.align(8)
                fields.bytes.append(4)
                fields.signature("s")
                fields.string(error)
            }
            if !signature.isEmpty {
                fields.align(8)
                fields.bytes.append(8)
                fields.signature("g")
                fields.signature(signature)
            }
        }
        message.align(8)
        return message.bytes + content.bytes
    }
}

@Suite struct BusMessageTests {
    @Test("a call is laid out as the specification says")
    func call() throws {
        let call = BusCall(
            destination: "org.d",
            path: "/p",
            interface: "org.i",
            member: "M",
            arguments: [.string("a"), .strings(["b", "cd"])]
        )
        let bytes = call.bytes(serial: 5)
        #expect(Array(bytes.prefix(16)) == [0x6C, 1, 0, 1, 27, 0, 0, 0, 5, 0, 0, 0, 73, 0, 0, 0])
        #expect(try BusReply.length(bytes[...]) == bytes.count)
        let body: [UInt8] = [
            1, 0, 0, 0, 0x61, 0, 0, 0, 15, 0, 0, 0, 1, 0, 0, 0, 0x62, 0, 0, 0, 2, 0, 0, 0, 0x63, 0x64, 0,
        ]
        #expect(Array(bytes.suffix(27)) == body)
    }

    @Test("answers are read in either byte order", arguments: [false, true])
    func order(isBigEndian: Bool) throws {
        let bytes = Wire.reply(to: 3, signature: "v", isBigEndian: isBigEndian) {
            $0.signature("u")
            $0.uint32(42)
        }
        let reply = try #require(try BusReply(bytes))
        #expect(reply.serial == 3)
        #expect(try Systemd.uint32(reply) == 42)
        #expect(try BusReply.length(bytes[...]) == bytes.count)
    }

    @Test("an error carries its name and what it says")
    func errors() throws {
        let bytes = Wire.reply(to: 1, type: 3, signature: "s", error: "org.x.Denied") { $0.string("no") }
        let reply = try #require(try BusReply(bytes))
        #expect(throws: BusError.failed(name: "org.x.Denied", message: "no")) { try reply.body("s") }
    }

    @Test("signals and calls are no answers, other types no value")
    func others() throws {
        #expect(try BusReply(Wire.reply(to: 1, type: 4, signature: "") { _ in }) == nil)
        let text = try #require(try BusReply(Wire.reply(to: 1, signature: "s") { $0.string("x") }))
        #expect(throws: BusError.self) { try text.body("u") }
    }

    @Test("what is no message is refused")
    func nonsense() {
        #expect(throws: BusError.self) { try BusReply.length(Array("HTTP/1.1 400 Bad".utf8)[...]) }
        #expect(throws: BusError.self) { try BusReply([1, 2, 3]) }
    }

    @Test("values that are not wanted are passed over by their signature")
    func skipping() throws {
        var wire = Wire()
        wire.array(8) { entry in
            for number in 0..<3 {
                entry.align(8)
                entry.string("k\(number)")
                entry.signature("(sat)")
                entry.align(8)
                entry.string("x")
                entry.array(8) { $0.uint64(7) }
            }
        }
        wire.string("end")
        var reader = BusReader(wire.bytes)
        try reader.skip(Array("a{sv}".utf8))
        #expect(try reader.string() == "end")
        var one = BusReader(wire.bytes)
        var keys: [String] = []
        try one.array(alignment: 8) { (entry: inout BusReader) throws(BusError) in
            try entry.align(8)
            keys.append(try entry.string())
            try entry.skip(Array("v".utf8))
        }
        #expect(keys == ["k0", "k1", "k2"])
    }

    @Test("signatures that nest too deeply or make no sense are refused")
    func signatures() {
        let deep = [UInt8](repeating: UInt8(ascii: "v"), count: 1)
        var nested: [UInt8] = []
        for _ in 0..<100 { nested += [1, UInt8(ascii: "v"), 0] }
        #expect(throws: BusError.self) {
            var reader = BusReader(nested)
            try reader.skip(deep)
        }
        for text in ["a", "(", "a{s", "Z", "a(((((((", String(repeating: "a", count: 200) + "u"] {
            #expect(throws: BusError.self) {
                var reader = BusReader([UInt8](repeating: 0, count: 64))
                try reader.skip(Array(text.utf8))
            }
        }
    }
}
