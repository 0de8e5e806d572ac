import Glibc
import Synchronization

/// Answers datagrams on a port of 127.0.0.1, from a thread of its own, for as long as somebody holds it.
package final class DatagramStub: Sendable {
    package let port: UInt16
    private let handle: Int32
    private let seen = Mutex<[[UInt8]]>([])

    /// - Parameter answer: The datagrams that go back for one that came.
    /// - Throws: When there is no port to be had.
    package init(_ answer: @escaping @Sendable ([UInt8]) -> [[UInt8]]) throws {
        (handle, port) = try Self.open()
        spawnThread { [handle, weak self] in Self.serve(handle, { self?.note($0) }, answer) }
    }

    deinit { shutdown(handle, CInt(SHUT_RDWR)) }

    /// A port at which nobody listens.
    ///
    /// - Throws: When there is no port to be had.
    package static func closedPort() throws -> UInt16 {
        let (handle, port) = try open()
        close(handle)
        return port
    }

    /// Every datagram that came so far.
    package var questions: [[UInt8]] { seen.withLock(\.self) }

    private func note(_ question: [UInt8]) { seen.withLock { $0.append(question) } }

    private static func serve(
        _ handle: Int32,
        _ note: (([UInt8]) -> Void?),
        _ answer: ([UInt8]) -> [[UInt8]]
    ) {
        while true {
            var sender = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            var bytes = [UInt8](repeating: 0, count: 2048)
            let got = withUnsafeMutablePointer(to: &sender) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(handle, &bytes, bytes.count, 0, $0, &size)
                }
            }
            // A socket that was shut down reads nothing.
            guard got > 0 else { break }
            let question = Array(bytes[..<got])
            note(question)
            for datagram in answer(question) {
                withUnsafePointer(to: &sender) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        _ = sendto(handle, datagram, datagram.count, 0, $0, size)
                    }
                }
            }
        }
        close(handle)
    }

    private static func open() throws(SystemFailure) -> (Int32, UInt16) {
        let handle = socket(AF_INET, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(handle, $0, size) == 0 && getsockname(handle, $0, &size) == 0
            }
        }
        guard bound else { throw SystemFailure(call: "bind", errno: errno) }
        return (handle, UInt16(bigEndian: address.sin_port))
    }
}

/// What a time server answers (RFC 5905, figure 8); a test changes what it wants to be wrong.
package struct TimeAnswer: Sendable {
    package var leap: UInt8 = 0
    package var version: UInt8 = 4
    package var mode: UInt8 = 4
    package var stratum: UInt8 = 2
    /// In 65536ths of a second.
    package var rootDelay: UInt32 = 65536 / 100
    package var rootDispersion: UInt32 = 65536 / 50
    package var reference: [UInt8] = [192, 0, 2, 1]
    /// Seconds by which the server's clock is ahead of this one's.
    package var ahead = 0.0
    /// Seconds since the server heard from its source; nil where it does not say.
    package var age: Double? = 60
    /// Seconds from taking the question to answering it.
    package var thought = 0.0
    /// In the place of the question's number.
    package var origin: [UInt8]?

    package init() {}

    /// The datagram that answers `question`, by this machine's clock.
    package func datagram(to question: [UInt8]) -> [UInt8] {
        var reading = timespec()
        clock_gettime(CLOCK_REALTIME, &reading)
        let now = Double(reading.tv_sec) + Double(reading.tv_nsec) / 1e9 + ahead
        var bytes: [UInt8] = [leap << 6 | version << 3 | mode, stratum, 6, 0xE9]
        bytes += Self.big(rootDelay) + Self.big(rootDispersion) + reference
        bytes += age.map { Self.time(now - $0) } ?? [UInt8](repeating: 0, count: 8)
        bytes += origin ?? Array(question.dropFirst(40).prefix(8))
        return bytes + Self.time(now) + Self.time(now + thought)
    }

    private static func time(_ seconds: Double) -> [UInt8] {
        let whole = seconds.rounded(.down)
        let fraction = UInt32(clamping: Int64((seconds - whole) * 4_294_967_296))
        return big(UInt32(truncatingIfNeeded: Int64(whole) + 2_208_988_800)) + big(fraction)
    }

    private static func big(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32($0))) }
    }
}
