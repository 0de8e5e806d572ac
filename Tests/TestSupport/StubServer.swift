import Glibc
import Synchronization

/// A request as a stub server saw it.
package struct RecordedRequest: Hashable, Sendable {
    package var method: String
    /// The request's target as it was sent, query included.
    package var target: String
    package var headers: [String: String]
    package var body: [UInt8]
    /// Which connection it came on, counted from 1: equal numbers mean that a connection was kept.
    package var connection: Int

    /// The target without its query.
    package var path: String { String(target.prefix { $0 != "?" }) }

    /// The query's fields, percent-decoded.
    package var query: [String: String] {
        let pairs = target.drop { $0 != "?" }.dropFirst().split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
        return Dictionary(pairs) { $1 }
    }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// A header's value; the name in any case.
    package func header(_ name: String) -> String? { headers[name.lowercased()] }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(Substring(rest.prefix(2)), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A refusal of the operating system, with the call that met it.
package struct SystemFailure: Error, CustomStringConvertible {
    package var call: String
    package var errno: Int32
    package var description: String { "\(call): \(String(cString: strerror(errno)))" }
}

/// A listening socket with a thread for itself and one for each connection.
final class StubServer: Sendable {
    private struct State {
        var listener: Int32?
        var connections: Set<Int32> = []
        var count = 0
    }

    private let state = Mutex(State())

    /// Accepts connections on `socket` until `stop`, each on its own thread.
    func start(on socket: Int32, _ handle: @escaping @Sendable (StubConnection) -> Void) {
        state.withLock { $0.listener = socket }
        spawnThread { [self] in
            while true {
                let accepted = accept(socket, nil, nil)
                if accepted < 0 {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    break
                }
                let number: Int? = state.withLock { state in
                    guard state.listener == socket else { return nil }
                    state.connections.insert(accepted)
                    state.count += 1
                    return state.count
                }
                guard let number else {
                    close(accepted)
                    break
                }
                spawnThread { [self] in
                    let connection = StubConnection(accepted, number: number)
                    handle(connection)
                    // Forgotten before it is closed, so that `stop` never touches a number used again.
                    state.withLock { _ = $0.connections.remove(accepted) }
                    connection.close()
                }
            }
            close(socket)
        }
    }

    /// Refuses new connections and cuts those that are open.
    func stop() {
        state.withLock { state in
            if let listener = state.listener { shutdown(listener, CInt(SHUT_RDWR)) }
            state.listener = nil
            for connection in state.connections { shutdown(connection, CInt(SHUT_RDWR)) }
        }
    }

    /// How many connections were ever accepted.
    var connectionCount: Int { state.withLock(\.count) }

    /// How many connections are open now.
    var openConnectionCount: Int { state.withLock(\.connections.count) }

    /// Cuts the open connections and goes on listening.
    func cutConnections() {
        state.withLock { state in
            for connection in state.connections { shutdown(connection, CInt(SHUT_RDWR)) }
        }
    }
}

/// One connection of a stub server; reads and writes block.
final class StubConnection: Sendable {
    private struct State {
        var unread: [UInt8] = []
        var isOpen = true
    }

    let number: Int
    private let descriptor: Int32
    private let state = Mutex(State())

    init(_ descriptor: Int32, number: Int) {
        self.descriptor = descriptor
        self.number = number
    }

    /// The next request; nil when the client has gone.
    func readRequest() -> RecordedRequest? {
        guard let head = read(through: Array("\r\n\r\n".utf8)) else { return nil }
        var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        guard !lines.isEmpty else { return nil }
        let start = lines.removeFirst().split(separator: " ")
        guard start.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        guard let body = read(count: Int(headers["content-length"] ?? "0") ?? 0) else { return nil }
        return RecordedRequest(
            method: String(start[0]),
            target: String(start[1]),
            headers: headers,
            body: body,
            connection: number
        )
    }

    /// Writes all; false when the client has gone.
    @discardableResult
    func write(_ bytes: some Collection<UInt8>) -> Bool {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Blocks until the client closes or the server stops.
    func waitForEnd() {
        while receive() {}
    }

    /// Ends the connection for both sides.
    func cut() {
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    /// Makes the client see "connection reset by peer".
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func close() {
        Glibc.close(descriptor)
    }

    private func read(through mark: [UInt8]) -> [UInt8]? {
        while true {
            let found: [UInt8]? = state.withLock { state in
                guard let range = state.unread.firstRange(of: mark) else { return nil }
                defer { state.unread.removeSubrange(..<range.upperBound) }
                return Array(state.unread[..<range.lowerBound])
            }
            if let found { return found }
            guard receive() else { return nil }
        }
    }

    private func read(count: Int) -> [UInt8]? {
        while true {
            let found: [UInt8]? = state.withLock { state in
                guard state.unread.count >= count else { return nil }
                defer { state.unread.removeSubrange(..<count) }
                return Array(state.unread[..<count])
            }
            if let found { return found }
            guard receive() else { return nil }
        }
    }

    private func receive() -> Bool {
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            state.withLock { $0.unread += piece[..<count] }
            return true
        }
    }
}
