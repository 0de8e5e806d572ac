import Basics
import Testing

@Suite struct ByteReaderTests {
    @Test("numbers are read in the order that is asked for, and never beyond the end", arguments: [false, true])
    func numbers(isBigEndian: Bool) {
        var bytes: [UInt8] = [9]
        bytes.append(UInt16(0x0102), isBigEndian: isBigEndian)
        bytes.append(UInt32(0x0304_0506), isBigEndian: isBigEndian)
        bytes.append(UInt64.max - 1, isBigEndian: isBigEndian)
        #expect(bytes[1] == (isBigEndian ? 1 : 2))
        var reader = ByteReader(bytes, isBigEndian: isBigEndian)
        #expect(reader.next(UInt8.self) == 9)
        #expect(reader.next(UInt16.self) == 0x0102)
        #expect(reader.next(UInt32.self) == 0x0304_0506)
        #expect(reader.next(UInt64.self) == UInt64.max - 1)
        #expect(reader.isAtEnd)
        #expect(reader.next(UInt8.self) == nil)
    }

    @Test("what is too long is refused and nothing is taken")
    func bounds() {
        var reader = ByteReader([1, 2, 3, 4], from: 1, to: 3, isBigEndian: true)
        #expect(reader.next(UInt32.self) == nil)
        #expect(reader.next(3) == nil)
        #expect(reader.next(-1) == nil)
        #expect(reader.skip(.max) == false)
        #expect(reader.next(2).map(Array.init) == [2, 3])
        #expect(ByteReader([1], from: 7, isBigEndian: true).isAtEnd)
    }
}
