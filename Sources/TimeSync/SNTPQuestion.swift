import Basics

/// One question to a time server, and what makes an answer an answer to it.
struct SNTPQuestion: Sendable, Equatable {
    /// A number that nobody can guess, in the place of our own time: the server sends it back, and learns nothing.
    let nonce: UInt64
    /// Our clock when the question left, in nanoseconds since the Unix epoch.
    let sentAt: Int64

    /// Version 4, a client's, all else zero.
    var packet: [UInt8] {
        var packet: [UInt8] = [0b00_100_011]
        packet += [UInt8](repeating: 0, count: 39)
        packet.append(nonce, isBigEndian: true)
        return packet
    }

    /// Reads an answer that came `elapsed` after the question.
    func reading(from packet: [UInt8], after elapsed: Duration) throws(SNTPFailure) -> SNTPReading {
        let fields = try Fields(packet)
        guard fields.mode == 4, (3...4).contains(fields.version) else { throw .forged }
        // Only the one who got the question knows the number.
        guard fields.origin == nonce else { throw .forged }
        if fields.stratum == 0, let code = fields.kissCode { throw .kissOfDeath(code: code) }
        let (received, sent) = (NTPTime(bits: fields.received), NTPTime(bits: fields.sent))
        let stratum = (1...15).contains(fields.stratum) ? Int(fields.stratum) : 16
        let leap = LeapWarning(rawValue: fields.leap) ?? .unsynchronised
        let isAwake = stratum < 16 && leap != .unsynchronised
        guard !isAwake || (fields.received != 0 && fields.sent != 0 && sent.since(received) >= 0) else {
            throw .malformed(because: "its timestamps do not follow one another")
        }
        // Our own clock may be stepped meanwhile: the second reading of it is the first and a monotonic span.
        let span = elapsed.components
        let arrivedAt = sentAt &+ span.seconds &* 1_000_000_000 &+ span.attoseconds / 1_000_000_000
        let (asked, arrived) = (NTPTime(nanoseconds: sentAt), NTPTime(nanoseconds: arrivedAt))
        let age = fields.referenced == 0 ? nil : sent.since(NTPTime(bits: fields.referenced))
        return SNTPReading(
            offset: (received.since(asked) + sent.since(arrived)) / 2,
            delay: max(0, arrived.since(asked) - sent.since(received)),
            stratum: stratum,
            leap: leap,
            rootDelay: Double(Int32(bitPattern: fields.rootDelay)) / 65536,
            rootDispersion: Double(fields.rootDispersion) / 65536,
            referenceAge: age.map { max(0, $0) },
            reference: fields.referenceText
        )
    }
}

extension SNTPQuestion {
    /// The packet's header as it lies there (RFC 5905, figure 8).
    private struct Fields {
        var leap, version, mode: UInt8
        var stratum: UInt8
        var rootDelay, rootDispersion, reference: UInt32
        var referenced, origin, received, sent: UInt64

        init(_ packet: [UInt8]) throws(SNTPFailure) {
            var reader = ByteReader(packet, isBigEndian: true)
            guard let first = reader.next(UInt8.self), let stratum = reader.next(UInt8.self), reader.skip(2),
                let rootDelay = reader.next(UInt32.self), let rootDispersion = reader.next(UInt32.self),
                let reference = reader.next(UInt32.self), let referenced = reader.next(UInt64.self),
                let origin = reader.next(UInt64.self), let received = reader.next(UInt64.self),
                let sent = reader.next(UInt64.self)
            else { throw .forged }
            leap = first >> 6
            version = first >> 3 & 7
            mode = first & 7
            self.stratum = stratum
            self.rootDelay = rootDelay
            self.rootDispersion = rootDispersion
            self.reference = reference
            self.referenced = referenced
            self.origin = origin
            self.received = received
            self.sent = sent
        }

        private var letters: String? {
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: reference >> (24 - 8 * UInt32($0))) }
            let text = bytes.prefix { $0 != 0 }
            let isPlain = text.allSatisfy { (0x21...0x7E).contains($0) } && bytes[text.count...].allSatisfy { $0 == 0 }
            return text.isEmpty || !isPlain ? nil : String(decoding: text, as: UTF8.self)
        }

        /// What a server of stratum 0 wants of us (RFC 5905 §7.4); nil where it wants nothing: `INIT` and `STEP` say
        /// only that it has no time yet.
        var kissCode: String? { letters.flatMap { ["DENY", "RATE", "RSTR"].contains($0) ? $0 : nil } }

        var referenceText: String {
            let digits = String(reference, radix: 16)
            return stratum <= 1
                ? letters ?? "" : String(repeating: "0", count: 8 - digits.count) + digits
        }
    }
}
