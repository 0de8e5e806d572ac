import Testing

@testable import Procfs

@Suite struct RawSpanTextTests {
    private func reading<Value>(_ text: String, _ body: (RawSpan) -> Value) -> Value {
        let bytes = Array(text.utf8)
        return body(bytes.span.bytes)
    }

    @Test(arguments: [(0, 3), (4, 5), (6, nil), (7, nil)] as [(Int, Int?)])
    func aByteIsFoundFromAPlaceOn(start: Int, place: Int?) {
        let found = reading("a(b)c)") { $0.first(UInt8(ascii: ")"), from: start) }
        #expect(found == place)
        let inNothing = reading("") { $0.first(0, from: start) }
        #expect(inNothing == nil)
    }

    @Test func beyondTheEndThereIsNothing() {
        let byte = reading("ab ") { $0.byte(3) }
        let places = reading("ab ") { [$0.skipBlanks(from: 2), $0.skipField(from: 3)] }
        let numbers = reading("ab ") { [$0.hexadecimal(0..<2), $0.hexadecimal(0..<4)] }
        #expect(byte == 0)
        #expect(places == [3, 3])
        #expect(numbers == [0xAB, nil])
    }

    @Test(
        arguments: [
            ("18446744073709551615 ", 10, .max, 20), ("18446744073709551616", 10, nil, 0), ("ff:", 16, 255, 2),
            ("0", 10, 0, 1), ("", 10, nil, 0), ("-1", 10, nil, 0), ("fffffffffffffffff", 16, nil, 0),
        ] as [(String, UInt8, UInt64?, Int)]
    )
    func digitsAreANumberWhereTheyFit(text: String, base: UInt8, value: UInt64?, end: Int) {
        var place = 0
        let number = reading(text) { $0.number(&place, base: base) }
        #expect(number == value)
        if value != nil { #expect(place == end) }
    }
}
