package import Basics
package import DockerEngine
import FoundationEssentials
import Glibc
import Synchronization

/// A Docker Engine's API over a real unix socket: it replays the recorded replies of one API version, and lies where
/// it is told to.
///
/// Recorded replies: `Tests/Fixtures/engine/<version>/`. Once `containers` is set, list and inspect tell of those.
package final class EngineStub: Sendable {
    /// How an endpoint answers instead of as recorded.
    package enum Reply: Sendable {
        case body(String, status: Int = 200, type: String = "application/json")
        /// A web page, as of a web server at the wrong address.
        case html
        /// What a socket proxy answers to what it does not allow.
        case forbidden
        /// No answer while the client waits.
        case hang
        /// The head of a longer answer and the beginning of its body, then the connection closes.
        case cut(String)
        /// As recorded, after a while.
        case late(Duration)
    }

    struct State {
        var replies: [String: Reply] = [:]
        var replyToAll: Reply?
        var containers: [StubContainer]?
        var requests: [RecordedRequest] = []
        var streams: [StubConnection] = []
        /// What `since` brings back: time in nanoseconds and line.
        var history: [(Int64, String)] = []
        var lastNanoseconds: Int64 = 0
    }

    package let version: APIVersion
    package let socketPath: String
    let oldest: APIVersion?
    let fixtures: [String: [UInt8]]
    let state = Mutex(State())
    /// The folder made for the socket, to be removed with it.
    private let folder: String?
    private let server = StubServer()
    /// Keeps what is written to the streams in order.
    private let emission = Mutex(())

    /// Listens at once, at `path` or in a new folder under `/tmp`: as `version`, with the replies of a folder of
    /// `Tests/Fixtures/engine`, the one that is nearest below the version unless it is named.
    package init(_ version: String = "1.41", replies folder: String? = nil, at path: String? = nil) throws {
        guard let version = APIVersion(version) else { throw SystemFailure(call: "version", errno: EINVAL) }
        self.version = version
        fixtures = try folder.map { try Self.fixtures(in: $0) } ?? Self.fixtures(of: version)
        let said = try JSONDecoder().decode(EngineIdentity.self, from: Data(fixtures["GET_version.json"] ?? []))
        oldest = said.oldestAPI.flatMap { APIVersion($0) }
        self.folder = path == nil ? try Self.freshFolder() : nil
        socketPath = path ?? "\(self.folder ?? "")/docker.sock"
        try start()
    }

    deinit {
        server.stop()
        unlink(socketPath)
        if let folder { rmdir(folder) }
    }

    package var address: EngineAddress { .unix(socketPath) }

    // MARK: - Up and down

    /// The engine is there (again).
    package func start() throws {
        let socket = try StubServer.listen(path: socketPath)
        server.start(on: socket) { [weak self] connection in
            while let request = connection.readRequest() {
                guard self?.answer(request, on: connection) == true else { return }
            }
        }
    }

    /// The engine is gone: no socket, every connection cut.
    package func stop() {
        server.stop()
        unlink(socketPath)
        state.withLock { $0.streams = [] }
    }

    // MARK: - What it tells

    /// The containers that list and inspect tell of; nil for the recorded ones.
    package var containers: [StubContainer]? {
        get { state.withLock(\.containers) }
        set { state.withLock { $0.containers = newValue } }
    }

    /// Changes one container, found by name; or adds it.
    package func set(_ container: StubContainer) {
        state.withLock { state in
            var all = state.containers ?? []
            if let index = all.firstIndex(where: { $0.name == container.name }) {
                all[index] = container
            } else {
                all.append(container)
            }
            state.containers = all
        }
    }

    /// Answers an endpoint (`/containers/json`, `/events`, …) in another way; nil: as recorded.
    package func reply(to path: String, with reply: Reply?) {
        state.withLock { $0.replies[path] = reply }
    }

    /// Answers every endpoint in another way; nil: as recorded.
    package func replyToAll(with reply: Reply?) {
        state.withLock { $0.replyToAll = reply }
    }

    // MARK: - What it was asked

    /// Every request so far, oldest first, refused ones included.
    package var requests: [RecordedRequest] { state.withLock(\.requests) }

    /// The endpoints asked for so far, without version and query.
    package var paths: [String] { requests.map { Self.endpoint($0.path).path } }

    /// How many connections were ever accepted.
    package var connectionCount: Int { server.connectionCount }

    /// Waits until an endpoint was asked for so many times.
    package func requests(_ count: Int, to path: String, within limit: Duration = .seconds(10)) async throws {
        _ = try await eventually("\(count) requests to \(path)", within: limit) {
            paths.count { $0 == path } >= count ? true : nil
        }
    }

    // MARK: - The event stream

    /// How many clients listen to events now.
    package var streamCount: Int { state.withLock(\.streams.count) }

    /// Waits until so many clients listen.
    package func streams(_ count: Int = 1, within limit: Duration = .seconds(10)) async throws {
        _ = try await eventually("\(count) event streams", within: limit) { streamCount >= count ? true : nil }
    }

    /// Tells every listener what happened to a container, as this version words it; the event's time in nanoseconds.
    ///
    /// Without `moment` it is now, but never the same as before.
    @discardableResult
    package func emit(
        _ action: String,
        _ container: StubContainer,
        _ attributes: [String: String] = [:],
        at moment: Timestamp? = nil
    ) -> Int64 {
        let wanted = (moment ?? SystemTime().now).milliseconds * 1_000_000
        let nanoseconds = state.withLock { state in
            state.lastNanoseconds = moment == nil ? max(wanted, state.lastNanoseconds + 1) : wanted
            return state.lastNanoseconds
        }
        let all = container.attributes.merging(attributes) { $1 }
        let line = eventLine(action, container.id, all, image: container.image, nanoseconds: nanoseconds)
        emission.withLock { _ in
            state.withLock { state in
                state.history.append((nanoseconds, line))
                if state.history.count > 256 { state.history.removeFirst() }
            }
            write(Array((line + "\n").utf8))
        }
        return nanoseconds
    }

    /// Sends every listener these bytes, whatever they are.
    package func push(_ text: String) {
        emission.withLock { _ in write(Array(text.utf8)) }
    }

    /// Sends every listener the recorded events.
    package func replayEvents() {
        emission.withLock { _ in write(fixtures["events.ndjson"] ?? []) }
    }

    /// Cuts every stream, after these bytes.
    package func cutStreams(after text: String = "") {
        emission.withLock { _ in
            if !text.isEmpty { write(Array(text.utf8)) }
            let streams = state.withLock { state in
                defer { state.streams = [] }
                return state.streams
            }
            for stream in streams { stream.cut() }
        }
    }

    /// Adds a listener, who first gets what he missed since `since`.
    func listen(_ connection: StubConnection, since: Int64?) {
        emission.withLock { _ in
            connection.write(
                Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            )
            if let since {
                for (time, line) in state.withLock(\.history) where time >= since {
                    connection.write(Self.chunk(Array((line + "\n").utf8)))
                }
            }
            state.withLock { $0.streams.append(connection) }
        }
        connection.waitForEnd()
        state.withLock { $0.streams.removeAll { $0 === connection } }
    }

    private func write(_ bytes: [UInt8]) {
        for stream in state.withLock(\.streams) { stream.write(Self.chunk(bytes)) }
    }

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + Array("\r\n".utf8)
    }

    /// Since 1.52 the old members `status`, `id` and `from` are gone.
    private func eventLine(
        _ action: String,
        _ id: String,
        _ attributes: [String: String],
        image: String,
        nanoseconds: Int64
    ) -> String {
        var members: [JSON.Member] = []
        if version < APIVersion(1, 52) {
            members = [.init("status", .string(action)), .init("id", .string(id)), .init("from", .string(image))]
        }
        members += [
            .init("Type", "container"),
            .init("Action", .string(action)),
            .init("Actor", ["ID": .string(id), "Attributes": .map(attributes)]),
            .init("scope", "local"),
            .init("time", .integer(nanoseconds / 1_000_000_000)),
            .init("timeNano", .integer(nanoseconds)),
        ]
        return JSON.object(members).text
    }
}
