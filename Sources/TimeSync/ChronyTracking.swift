package import Basics

/// How chronyd follows its sources.
///
/// Document: chrony's `candm.h`, protocol version 6 (chrony 2.2 and newer): `REQ_TRACKING`, `RPY_TRACKING`.
package struct ChronyTracking: Sendable, Equatable {
    /// The source: an address as a number, or the letters of a clock.
    package var referenceID: UInt32
    package var stratum: Int
    package var leap: LeapWarning
    /// When a source last said something, in seconds since the Unix epoch; nil where none ever did.
    package var referenceTime: Double?
    /// What is left to correct, in seconds; positive where the clock is slow.
    package var offset: Double
    /// What the last update found, in seconds; positive where the clock was fast: the other way round than `offset`.
    package var lastOffset: Double
    /// The long-time mean of that, in seconds.
    package var meanOffset: Double
    /// By how much the clock would be wrong without chronyd, in parts per million.
    package var frequency: Double
    /// In seconds, to the reference clock and back.
    package var rootDelay: Double
    /// In seconds.
    package var rootDispersion: Double
    /// Between the last two updates, in seconds.
    package var updateInterval: Double

    /// Whether it serves its own clock, for want of a better one (directive `local`): 127.127.1.x.
    package var isLocal: Bool { referenceID >> 8 == 0x7F7F01 }

    /// Whether it has chosen a source.
    package var isSynchronised: Bool { leap != .unsynchronised && (1...15).contains(stratum) }

    /// By how much the offset may be wrong, in seconds.
    package var uncertainty: Double { rootDelay / 2 + rootDispersion }
}

/// Why chronyd told nothing.
package enum ChronyFailure: Error, Sendable, Equatable {
    case noAnswer
    /// Nobody listens there.
    case refused
    /// There is no way to it: the system's error.
    case unreachable(errno: Int32)
    case unresolved
    /// It answers, but not this: its status.
    case denied(status: UInt16)
    case malformed(because: String)

    /// As a state's name.
    package var name: String {
        switch self {
        case .noAnswer: "no_answer"
        case .refused: "refused"
        case .unreachable: "unreachable"
        case .unresolved: "unresolved"
        case .denied: "denied"
        case .malformed: "malformed"
        }
    }
}

extension ChronyTracking {
    private static let version: UInt8 = 6
    private static let command: UInt16 = 33
    private static let replyKind: UInt16 = 5
    private static let size = 104

    /// The question; as long as its answer, or chronyd does not answer: nobody shall use it to multiply traffic.
    static func question(sequence: UInt32) -> [UInt8] {
        var packet: [UInt8] = [version, 1, 0, 0]
        packet.append(command, isBigEndian: true)
        packet.append(UInt16(0), isBigEndian: true)
        packet.append(sequence, isBigEndian: true)
        return packet + [UInt8](repeating: 0, count: size - packet.count)
    }

    /// Whether a datagram answers the question with this number at all.
    static func answers(_ packet: [UInt8], sequence: UInt32) -> Bool {
        var reader = ByteReader(packet, from: 16, isBigEndian: true)
        return packet.count >= 28 && packet[1] == 2 && reader.next(UInt32.self) == sequence
    }

    /// Reads an answer.
    init(answer packet: [UInt8]) throws(ChronyFailure) {
        let short = ChronyFailure.malformed(because: "the answer is too short")
        var reader = ByteReader(packet, isBigEndian: true)
        guard let version = reader.next(UInt8.self), reader.skip(3), let command = reader.next(UInt16.self),
            let kind = reader.next(UInt16.self), let status = reader.next(UInt16.self), reader.skip(18)
        else { throw short }
        guard version == Self.version, command == Self.command else {
            throw .malformed(because: "it speaks version \(version) of the protocol, not \(Self.version)")
        }
        guard status == 0 else { throw .denied(status: status) }
        guard kind == Self.replyKind else { throw .malformed(because: "it answers something else") }
        guard let referenceID = reader.next(UInt32.self), reader.skip(20), let stratum = reader.next(UInt16.self),
            let leap = reader.next(UInt16.self), let high = reader.next(UInt32.self),
            let low = reader.next(UInt32.self), let nanoseconds = reader.next(UInt32.self)
        else { throw short }
        var numbers: [Double] = []
        for _ in 0..<9 {
            guard let bits = reader.next(UInt32.self) else { throw short }
            numbers.append(Self.number(bits))
        }
        // Builds without 64-bit times leave the upper half out.
        let seconds = (high == 0x7FFF_FFFF ? 0 : UInt64(high) << 32) | UInt64(low)
        let moment = Double(seconds) + Double(nanoseconds) / 1e9
        self.init(
            referenceID: referenceID,
            stratum: Int(stratum),
            leap: LeapWarning(rawValue: UInt8(clamping: leap)) ?? .unsynchronised,
            referenceTime: moment > 0 ? moment : nil,
            offset: numbers[0],
            lastOffset: numbers[1],
            meanOffset: numbers[2],
            frequency: numbers[3],
            rootDelay: numbers[6],
            rootDispersion: numbers[7],
            updateInterval: numbers[8]
        )
    }

    /// chrony's own floating point: 7 bits of exponent, 25 of coefficient, both with a sign.
    static func number(_ bits: UInt32) -> Double {
        let exponent = Int(Int32(bitPattern: bits) >> 25)
        let coefficient = Int(Int32(bitPattern: bits << 7) >> 7)
        return Double(sign: .plus, exponent: exponent - 25, significand: Double(coefficient))
    }
}
