import Basics
import TestSupport
import Testing

@testable import TimeSync

@Suite struct SNTPQuestionTests {
    private let question = SNTPQuestion(nonce: 0x0123_4567_89AB_CDEF, sentAt: SystemTime.nanoseconds)

    private func reading(
        after elapsed: Duration = .milliseconds(20),
        _ change: (inout TimeAnswer) -> Void = { _ in }
    ) throws(SNTPFailure) -> SNTPReading {
        var answer = TimeAnswer()
        change(&answer)
        return try question.reading(from: answer.datagram(to: question.packet), after: elapsed)
    }

    @Test("the question is a version 4 client's and tells nothing of our clock")
    func packet() {
        #expect(question.packet.count == 48)
        #expect(question.packet[0] == 0x23)
        #expect(question.packet[1..<40].allSatisfy { $0 == 0 })
        #expect(question.packet[40...] == [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF])
    }

    @Test("offset and delay follow from the four timestamps (RFC 5905 §8)")
    func arithmetic() throws {
        let question = SNTPQuestion(nonce: 7, sentAt: 1_700_000_000_000_000_000)
        var packet: [UInt8] = [0x24, 3, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1]
        func add(_ nanoseconds: Int64) {
            packet.append(NTPTime(nanoseconds: nanoseconds).bits, isBigEndian: true)
        }
        add(1_700_000_000_000_000_000 - 90_000_000_000)
        packet.append(UInt64(7), isBigEndian: true)
        // There in 10 ms, back in 30 ms, 5 ms to think, and the server is 2 s ahead.
        add(1_700_000_000_000_000_000 + 2_010_000_000)
        add(1_700_000_000_000_000_000 + 2_015_000_000)
        let reading = try question.reading(from: packet, after: .milliseconds(45))
        #expect(abs(reading.offset - 1.99) < 1e-6)
        #expect(abs(reading.delay - 0.04) < 1e-6)
        #expect(abs((reading.referenceAge ?? 0) - 92.015) < 1e-6)
        #expect(reading.reference == "0a000001")
    }

    @Test("what the server says of itself is kept")
    func fields() throws {
        let reading = try reading { $0.leap = 1 }
        #expect(reading.stratum == 2)
        #expect(reading.leap == .insert)
        #expect(abs(reading.rootDelay - 0.01) < 0.001)
        #expect(abs(reading.rootDispersion - 0.02) < 0.001)
        #expect(abs((reading.referenceAge ?? 0) - 60) < 0.1)
        #expect(reading.reference == "c0000201")
        #expect(reading.isSynchronised)
        let clock = try self.reading {
            $0.stratum = 1
            $0.reference = Array("GPS\0".utf8)
            $0.age = nil
        }
        #expect(clock.reference == "GPS")
        #expect(clock.referenceAge == nil)
    }

    @Test("an answer to another question, of another kind or version, or cut short is refused")
    func forgeries() {
        for change: (inout TimeAnswer) -> Void in [
            { $0.origin = [0, 0, 0, 0, 0, 0, 0, 1] }, { $0.origin = [UInt8](repeating: 0, count: 8) },
            { $0.mode = 3 }, { $0.mode = 6 }, { $0.version = 2 }, { $0.version = 7 },
        ] {
            #expect(throws: SNTPFailure.forged) { try reading(change) }
        }
        let whole = TimeAnswer().datagram(to: question.packet)
        for count in 0..<48 {
            #expect(throws: SNTPFailure.forged) {
                try question.reading(from: Array(whole.prefix(count)), after: .zero)
            }
        }
        #expect(throws: Never.self) { try question.reading(from: whole + [1, 2, 3], after: .zero) }
    }

    @Test(
        "a kiss-o'-death is known by its letters, and only where it answers our question",
        arguments: ["RATE", "DENY", "RSTR"]
    )
    func kisses(code: String) {
        let kiss: (inout TimeAnswer) -> Void = {
            $0.leap = 3
            $0.stratum = 0
            $0.reference = Array(code.utf8)
        }
        #expect(throws: SNTPFailure.kissOfDeath(code: code)) { try reading(kiss) }
        #expect(throws: SNTPFailure.forged) {
            try reading {
                kiss(&$0)
                $0.origin = [1, 2, 3, 4, 5, 6, 7, 8]
            }
        }
    }

    @Test("a server that says what it is still doing sends nobody away", arguments: ["INIT", "STEP"])
    func starting(code: String) throws {
        let reading = try reading {
            ($0.leap, $0.stratum) = (3, 0)
            $0.reference = Array(code.utf8)
        }
        #expect(!reading.isSynchronised)
        #expect(reading.stratum == 16)
        #expect(reading.reference == code)
    }

    @Test("a server without a source is not synchronised, whichever way it says so")
    func unsynchronised() throws {
        for change: (inout TimeAnswer) -> Void in [
            { $0.leap = 3 }, { $0.stratum = 16 }, { $0.stratum = 200 }, { $0.rootDispersion = 17 << 16 },
            {
                $0.stratum = 0
                $0.reference = [0, 0, 0, 0]
            },
        ] {
            #expect(try reading(change).isSynchronised == false)
        }
    }

    @Test("timestamps that run backwards are nonsense")
    func backwards() {
        #expect(throws: SNTPFailure.malformed(because: "its timestamps do not follow one another")) {
            try reading { $0.thought = -1 }
        }
    }

    @Test("any bytes are read without a crash")
    func anyBytes() {
        var generator = SeededGenerator(state: 42)
        for _ in 0..<20_000 {
            var packet = TimeAnswer().datagram(to: question.packet)
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                packet[Int.random(in: packet.indices, using: &generator)] = .random(in: 0 ... .max, using: &generator)
            }
            if let reading = try? question.reading(from: packet, after: .milliseconds(1)) {
                #expect(reading.offset.isFinite && reading.delay >= 0)
            }
        }
    }
}
