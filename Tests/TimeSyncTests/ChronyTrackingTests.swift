import Basics
import TestSupport
import Testing

@testable import TimeSync

@Suite struct ChronyTrackingTests {
    /// What chronyd 4.3 answered about a source at 127.0.0.1, recorded from the wire; chronyc said then: stratum 9, 2.546 µs
    /// fast, frequency 0.057 ppm fast, root delay 7.182 µs, root dispersion 1.155 µs, update interval 0.3 s.
    static let recorded = [UInt8](
        hexadecimal: """
            060200000021000500000000000000000102030400000000000000007f0000017f000001000000000000000000000000\
            0001000000090000000000006b017a5409f74f52df552abcd2f5a847dad5650bfae9bb81f2c0ae77fed095e2e0f0fce9\
            dc98ee920080ba50
            """
    )

    /// An answer laid out as candm.h says.
    static func answer(
        sequence: UInt32,
        status: UInt16 = 0,
        reference: UInt32 = 0x7F00_0001,
        stratum: UInt16 = 3,
        leap: UInt16 = 0,
        seconds: UInt64 = 1_700_000_000,
        numbers: [UInt32] = [0xF880_0000, 0, 0, 0, 0, 0, 0x0080_0000, 0x0280_0000, 0x0C80_0000]
    ) -> [UInt8] {
        var bytes: [UInt8] = [6, 2, 0, 0]
        for number: UInt16 in [33, 5, status, 0, 0, 0] { bytes.append(number, isBigEndian: true) }
        bytes.append(sequence, isBigEndian: true)
        bytes += [UInt8](repeating: 0, count: 8)
        bytes.append(reference, isBigEndian: true)
        bytes += [UInt8](repeating: 0, count: 20)
        bytes.append(stratum, isBigEndian: true)
        bytes.append(leap, isBigEndian: true)
        bytes.append(UInt32(seconds >> 32), isBigEndian: true)
        bytes.append(UInt32(truncatingIfNeeded: seconds), isBigEndian: true)
        bytes.append(UInt32(500_000_000), isBigEndian: true)
        for number in numbers { bytes.append(number, isBigEndian: true) }
        return bytes
    }

    @Test("the question is as long as its answer, or chronyd would not answer it")
    func question() {
        let question = ChronyTracking.question(sequence: 0x0102_0304)
        #expect(question.count == 104)
        #expect(Self.answer(sequence: 0).count == Self.recorded.count)
        #expect(Array(question.prefix(12)) == [6, 1, 0, 0, 0, 33, 0, 0, 1, 2, 3, 4])
    }

    @Test(
        "chrony's floating point: a signed exponent of 7 bits, a signed coefficient of 25",
        arguments: [
            (0, 0.0), (0x0280_0000, 0.5), (0x0480_0000, 1.0), (0x0500_0000, -2.0), (0xFE80_0000, 0.125),
        ] as [(UInt32, Double)]
    )
    func numbers(bits: UInt32, value: Double) {
        #expect(ChronyTracking.number(bits) == value)
    }

    @Test("a recorded answer says what chronyc said of it")
    func answer() throws {
        func near(_ value: Double, _ expected: Double) -> Bool { abs(value - expected) <= abs(expected) / 50 }
        #expect(Self.recorded.count == 104)
        let tracking = try ChronyTracking(answer: Self.recorded)
        #expect(tracking.referenceID == 0x7F00_0001)
        #expect(tracking.stratum == 9)
        #expect(tracking.leap == .none)
        #expect(near(tracking.offset, -2.546e-6))
        #expect(near(tracking.rootDelay, 7.182e-6))
        #expect(near(tracking.rootDispersion, 1.155e-6))
        #expect(near(tracking.frequency, 0.057))
        #expect(abs(tracking.updateInterval - 0.25) < 0.05)
        #expect(tracking.referenceTime.map { Int($0) } == 1_795_258_964)
        #expect(tracking.isSynchronised)
        #expect(!tracking.isLocal)
        #expect(ChronyTracking.answers(Self.recorded, sequence: 0x0102_0304))
        #expect(!ChronyTracking.answers(Self.recorded, sequence: 1))
    }

    @Test("a chronyd without a source, or with its own clock, is known")
    func standing() throws {
        let none = try ChronyTracking(answer: Self.answer(sequence: 0, stratum: 0, leap: 3, seconds: 0))
        #expect(!none.isSynchronised)
        let own = try ChronyTracking(answer: Self.answer(sequence: 0, reference: 0x7F7F_0101, stratum: 10))
        #expect(own.isLocal)
        #expect(own.isSynchronised)
        let short = try ChronyTracking(answer: Self.answer(sequence: 0, seconds: 0x7FFF_FFFF_0000_0001))
        #expect(short.referenceTime == 1.5)
    }

    @Test("refusals, other versions and cut answers are told apart")
    func failures() {
        #expect(throws: ChronyFailure.denied(status: 2)) {
            try ChronyTracking(answer: Self.answer(sequence: 0, status: 2))
        }
        var old = Self.recorded
        old[0] = 5
        #expect(throws: ChronyFailure.malformed(because: "it speaks version 5 of the protocol, not 6")) {
            try ChronyTracking(answer: old)
        }
        for count in 0..<104 {
            #expect(throws: ChronyFailure.self) { try ChronyTracking(answer: Array(Self.recorded.prefix(count))) }
        }
    }

    @Test("any bytes are read without a crash")
    func anyBytes() {
        var generator = SeededGenerator(state: 7)
        for _ in 0..<20_000 {
            var packet = Self.recorded
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                packet[Int.random(in: packet.indices, using: &generator)] = .random(in: 0 ... .max, using: &generator)
            }
            if let tracking = try? ChronyTracking(answer: packet) { #expect(tracking.offset.isFinite) }
        }
    }
}

extension [UInt8] {
    /// From pairs of hexadecimal digits.
    init(hexadecimal text: String) {
        let digits = text.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
