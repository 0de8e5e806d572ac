import Basics
import Curl
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPStreamTests {
    let loop = CurlLoop()

    @Test("the head comes before the body, and the body in pieces to its end")
    func pieces() async throws {
        let receiver = try HTTPReceiver(
            .init(202, headers: ["X-A": "b"], body: String(repeating: "0123456789", count: 20_000))
        )
        let stream = try await loop.stream(HTTPRequest(.get, receiver.url()))
        #expect(stream.head.status == 202)
        #expect(stream.head.headers["X-a"] == "b")
        var body: [UInt8] = []
        for try await piece in stream { body += piece }
        #expect(String(decoding: body, as: UTF8.self) == String(repeating: "0123456789", count: 20_000))
        #expect(try await stream.next() == nil)
    }

    @Test("a slow reader loses nothing and holds no more than the limit")
    func backPressure() async throws {
        let receiver = try HTTPReceiver(.init(body: String(repeating: "x", count: 3 << 20)))
        var request = HTTPRequest(.get, receiver.url())
        request.bodyLimit = 50_000
        let stream = try await loop.stream(request)
        var count = 0
        while let piece = try await stream.next() {
            #expect(piece.count <= 50_000)
            count += piece.count
            for _ in 0..<5 { await Task.yield() }
        }
        #expect(count == 3 << 20)
    }

    @Test("a stream that is cut says so after what came before")
    func cut() async throws {
        let receiver = try HTTPReceiver(.init(.cut(after: 4), body: "a whole sentence"))
        let request = HTTPRequest(.get, receiver.url())
        let stream = try await loop.stream(request)
        #expect(try await stream.next() == Array("a wh".utf8))
        await #expect(throws: HTTPError.cut(at: request.place)) { try await stream.next() }
    }

    @Test("no head within the timeout, and silence longer than the idle timeout, end a stream")
    func timeouts() async throws {
        let receiver = try HTTPReceiver(
            .init(.hang),
            .init(.slow(piece: 60, every: .seconds(20)), body: String(repeating: "b", count: 100))
        )
        var request = HTTPRequest(.get, receiver.url())
        request.timeout = .seconds(2)
        request.idleTimeout = .seconds(2)
        await #expect(throws: HTTPError.timedOut(at: request.place, while: .waiting)) { try await loop.stream(request) }
        let stream = try await loop.stream(request)
        await #expect(throws: HTTPError.timedOut(at: request.place, while: .reading)) {
            while try await stream.next() != nil {}
        }
        receiver.stop()
    }

    @Test("a stream outlives the timeout for its head")
    func longStream() async throws {
        let receiver = try HTTPReceiver(
            .init(.slow(piece: 50, every: .milliseconds(400)), body: String(repeating: "b", count: 400))
        )
        var request = HTTPRequest(.get, receiver.url())
        request.timeout = .seconds(2)
        request.idleTimeout = .seconds(10)
        let start = SystemTime().uptime
        let stream = try await loop.stream(request)
        var count = 0
        while let piece = try await stream.next() { count += piece.count }
        #expect(count == 400)
        #expect(SystemTime().uptime - start > request.timeout)
    }

    @Test("a reader's cancellation ends the exchange")
    func cancellation() async throws {
        let receiver = try HTTPReceiver(
            .init(.slow(piece: 60, every: .seconds(1)), body: String(repeating: "b", count: 1 << 16))
        )
        let stream = try await loop.stream(HTTPRequest(.get, receiver.url()))
        let reader = Task { while try await stream.next() != nil {} }
        reader.cancel()
        await #expect(throws: HTTPError.cancelled) { try await reader.value }
        receiver.stop()
    }

    @Test("a stream that is let go closes its connection")
    func letGo() async throws {
        let receiver = try HTTPReceiver(
            .init(.slow(piece: 60, every: .milliseconds(5)), body: String(repeating: "b", count: 1 << 20))
        )
        do {
            let stream = try await loop.stream(HTTPRequest(.get, receiver.url()))
            #expect(stream.head.status == 200)
        }
        _ = try await eventually("end of the connection") { receiver.openConnectionCount == 0 ? true : nil }
    }

    @Test("waiting for a head can be cancelled")
    func cancelledHead() async throws {
        let receiver = try HTTPReceiver(.init(.hang))
        let task = Task { try await loop.stream(HTTPRequest(.get, receiver.url())).head }
        _ = try await receiver.requests(1)
        task.cancel()
        await #expect(throws: HTTPError.cancelled) { try await task.value }
    }
}
