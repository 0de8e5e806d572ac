import Testing

@testable import Procfs

@Suite struct LineScannerTests {
    @Test func linesAndFieldsAreWalkedWithNumbers() throws {
        var lines = LineScanner(Array("a  1\t2 \n\n x\n".utf8), path: "p")
        var first = try #require(try lines.next())
        #expect(first.next()?.text == "a")
        #expect(first.rest.text == "1\t2")
        #expect(try lines.decimal(&first, "it") == 1)
        #expect(first.next()?.decimal == 2)
        #expect(first.next() == nil)
        #expect(try lines.next()?.rest.isEmpty == true)
        _ = try lines.next()
        #expect(lines.number == 3)
        #expect(try lines.next() == nil)
    }

    @Test func anEmptyFileAndACutLineAreRefused() throws {
        var empty = LineScanner([], path: "p")
        #expect(throws: HostFileError.malformed(path: "p", line: 1, because: "the file is empty")) {
            try empty.next()
        }
        var cut = LineScanner(Array("one\ntw".utf8), path: "p")
        _ = try cut.next()
        #expect(throws: HostFileError.malformed(path: "p", line: 2, because: "the file ends in the middle of a line")) {
            try cut.next()
        }
    }

    @Test(arguments: [
        ("0", 0), ("007", 7), ("18446744073709551615", UInt64.max), ("18446744073709551616", nil), ("-1", nil),
        ("", nil), ("1.5", nil), ("0x1", nil), ("a", nil), ("99999999999999999999999", nil),
    ])
    func decimalsReachTwoToThe64MinusOne(text: String, value: UInt64?) {
        #expect(Array(text.utf8)[...].decimal == value)
    }

    @Test(arguments: [
        ("00000002", 2), ("fF", 255), ("ffffffffffffffff", UInt64.max), ("10000000000000000", nil), ("g", nil),
        ("", nil),
    ])
    func hexadecimalsReachTwoToThe64MinusOne(text: String, value: UInt64?) {
        #expect(Array(text.utf8)[...].hexadecimal == value)
    }
}
