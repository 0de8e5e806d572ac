import Basics
import Glibc
import Synchronization

/// An HTTP/1.1 server on 127.0.0.1 that notes each request and answers by a script.
package final class HTTPReceiver: Sendable {
    /// One answer and the manner of giving it.
    package struct Answer: Sendable {
        /// How an answer is given, or not given.
        package enum Manner: Sendable {
            case whole
            /// In pieces of so many bytes with a pause between them.
            case slow(piece: Int, every: Duration)
            /// The head and so many bytes of the body, then the connection closes.
            case cut(after: Int)
            /// The connection closes without an answer.
            case nothing
            /// The connection is reset without an answer.
            case reset
            /// These bytes instead of an answer, then the connection closes.
            case raw([UInt8])
            /// No answer until the client goes away.
            case hang
        }

        package var status = 200
        package var headers: [String: String] = [:]
        package var body: [UInt8] = []
        /// How long the receiver thinks before it answers.
        package var delay: Duration = .zero
        package var manner = Manner.whole

        package init(_ status: Int = 200, headers: [String: String] = [:], body: String = "", delay: Duration = .zero) {
            self.status = status
            self.headers = headers
            self.body = Array(body.utf8)
            self.delay = delay
        }

        /// A 200 that is given, or not given, in this manner.
        package init(_ manner: Manner, body: String = "") {
            self.manner = manner
            self.body = Array(body.utf8)
        }
    }

    private struct State {
        var port: UInt16
        var requests: [RecordedRequest] = []
        var script: [Answer]
        var rule: @Sendable (RecordedRequest) -> Answer
    }

    private let server = StubServer()
    private let state: Mutex<State>

    /// Listens on a free port; gives the answers of `script` one after the other, then 200 for ever.
    package init(_ script: Answer...) throws {
        let (socket, port) = try StubServer.listen(port: 0)
        state = Mutex(State(port: port, script: script, rule: { _ in Answer() }))
        serve(on: socket)
    }

    deinit { server.stop() }

    /// `http://127.0.0.1:<port>` and the path.
    package func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

    package var port: UInt16 { state.withLock(\.port) }

    /// Every request so far, oldest first.
    package var requests: [RecordedRequest] { state.withLock(\.requests) }

    /// How many connections were ever accepted.
    package var connectionCount: Int { server.connectionCount }

    /// How many connections are open now.
    package var openConnectionCount: Int { server.openConnectionCount }

    /// The first `count` requests, once there are so many.
    package func requests(_ count: Int, within limit: Duration = .seconds(10)) async throws -> [RecordedRequest] {
        try await eventually("\(count) requests", within: limit) {
            let all = requests
            return all.count >= count ? Array(all.prefix(count)) : nil
        }
    }

    /// Appends answers to the script.
    package func then(_ answers: Answer...) {
        state.withLock { $0.script += answers }
    }

    /// What is answered when the script is at its end.
    package func always(_ answer: Answer) {
        always { _ in answer }
    }

    /// The rule by which requests are answered when the script is at its end.
    package func always(_ rule: @escaping @Sendable (RecordedRequest) -> Answer) {
        state.withLock { $0.rule = rule }
    }

    /// Refuses connections and cuts the open ones: the receiver is down.
    package func stop() {
        server.stop()
    }

    /// Listens again, on the same port.
    package func start() async throws {
        let port = port
        // The old listener's thread may still be closing its socket.
        let socket = try await eventually("port \(port)") { try? StubServer.listen(port: port).socket }
        serve(on: socket)
    }

    /// Cuts the open connections, as a server does that drops idle ones.
    package func cutConnections() {
        server.cutConnections()
    }

    private func serve(on socket: Int32) {
        server.start(on: socket) { [weak self] connection in
            while let request = connection.readRequest() {
                guard let answer = self?.answer(to: request) else { return }
                guard connection.give(answer, to: request) else { return }
            }
        }
    }

    private func answer(to request: RecordedRequest) -> Answer {
        let (rule, scripted) = state.withLock { state in
            state.requests.append(request)
            return (state.rule, state.script.isEmpty ? nil : state.script.removeFirst())
        }
        return scripted ?? rule(request)
    }
}

extension StubConnection {
    /// Whether the connection can go on after this answer.
    fileprivate func give(_ answer: HTTPReceiver.Answer, to request: RecordedRequest) -> Bool {
        pause(answer.delay)
        var head = "HTTP/1.1 \(answer.status) Scripted\r\n"
        for (name, value) in answer.headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        if answer.status != 204, answer.status != 304 { head += "Content-Length: \(answer.body.count)\r\n" }
        head += "\r\n"
        let body = request.method == "HEAD" ? [] : answer.body
        switch answer.manner {
        case .whole: return write(Array(head.utf8) + body)
        case .slow(let piece, let gap):
            var rest = (Array(head.utf8) + body)[...]
            while !rest.isEmpty {
                guard write(rest.prefix(piece)) else { return false }
                rest = rest.dropFirst(piece)
                pause(gap)
            }
            return true
        case .cut(let count): write(Array(head.utf8) + body.prefix(count))
        case .nothing: break
        case .reset: reset()
        case .raw(let bytes): write(bytes)
        case .hang: waitForEnd()
        }
        return false
    }

    private func pause(_ span: Duration) {
        guard span > .zero else { return }
        usleep(UInt32(clamping: span.wholeMilliseconds * 1000))
    }
}
