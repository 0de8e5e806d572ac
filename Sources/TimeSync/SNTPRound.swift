package import Basics
import Glibc

/// Asks several time servers at once.
package enum SNTPRound {
    /// More answers than this to one question are an attack.
    private static let mostDatagrams = 64
    /// Addresses of one server that are tried, one after the other.
    private static let mostAddresses = 2

    /// A reading of each server, or why there is none, in the servers' order.
    ///
    /// Blocks: for as long as the name servers let it, and then at most twice `patience`. Call it on a thread of its own.
    package static func ask(
        _ servers: [TimeServer],
        patience: Duration,
        time: any TimeSource
    ) -> [Result<SNTPReading, SNTPFailure>] {
        let places = servers.map { Place.find(host: $0.host, port: $0.port).prefix(mostAddresses) }
        var results: [Result<SNTPReading, SNTPFailure>] = places.map { found in
            .failure(found.isEmpty ? .unresolved : .noAnswer)
        }
        for turn in 0..<mostAddresses {
            let talk = Conversation(time)
            for (index, found) in places.enumerated() where turn < found.count && !results[index].isTold {
                let failure = talk.open(index, found[found.startIndex + turn])
                // A second address without a way to it says nothing of the first one's silence.
                if failure == nil || turn == 0 { results[index] = .failure(failure ?? .noAnswer) }
            }
            talk.listen(until: time.uptime + patience) { results[$0] = $1 }
        }
        return results
    }

    /// The questions that are under way.
    private final class Conversation {
        private struct Line {
            var index: Int
            var question: SNTPQuestion
            var sentAt: Duration
            var datagrams = 0
        }

        private let time: any TimeSource
        private var lines: [Line] = []
        private var sockets: [SocketBox] = []

        init(_ time: any TimeSource) { self.time = time }

        /// Asks one server; the failure where that is not possible.
        func open(_ index: Int, _ place: Place) -> SNTPFailure? {
            do throws(SystemError) {
                let box = SocketBox(try DatagramSocket(to: place))
                let question = SNTPQuestion(nonce: .random(in: 1 ... .max), sentAt: SystemTime.nanoseconds)
                let sentAt = time.uptime
                try box.socket.send(question.packet)
                lines.append(Line(index: index, question: question, sentAt: sentAt))
                sockets.append(box)
                return nil
            } catch {
                return SNTPFailure(error)
            }
        }

        /// Takes answers until all have come or the time is over.
        func listen(until deadline: Duration, tell: (Int, Result<SNTPReading, SNTPFailure>) -> Void) {
            while !lines.isEmpty {
                let handles = sockets.map { $0.socket.handle }
                let ready = DatagramSocket.wait(for: handles, until: deadline, time: time)
                guard !ready.isEmpty else { return }
                let now = time.uptime
                for place in ready.reversed() {
                    guard let outcome = hear(place, at: now) else { continue }
                    tell(lines[place].index, outcome)
                    // A false answer may come before the right one.
                    guard outcome != .failure(.forged) || lines[place].datagrams >= mostDatagrams else { continue }
                    lines.remove(at: place)
                    sockets.remove(at: place)
                }
            }
        }

        private func hear(_ place: Int, at now: Duration) -> Result<SNTPReading, SNTPFailure>? {
            do throws(SystemError) {
                guard let packet = try sockets[place].socket.receive() else { return nil }
                lines[place].datagrams += 1
                let line = lines[place]
                do throws(SNTPFailure) {
                    return .success(try line.question.reading(from: packet, after: now - line.sentAt))
                } catch {
                    return .failure(error)
                }
            } catch {
                return .failure(SNTPFailure(error))
            }
        }
    }

    /// Arrays hold no noncopyable values yet.
    private final class SocketBox {
        let socket: DatagramSocket

        init(_ socket: consuming DatagramSocket) { self.socket = socket }
    }
}

extension SNTPFailure {
    init(_ error: SystemError) {
        self = error.errno == ECONNREFUSED ? .refused : .unreachable(errno: error.errno)
    }
}

extension Result<SNTPReading, SNTPFailure> {
    /// Whether the server itself has spoken, so that another address of it would say the same.
    fileprivate var isTold: Bool {
        switch self {
        case .success, .failure(.kissOfDeath), .failure(.malformed): true
        case .failure: false
        }
    }
}
