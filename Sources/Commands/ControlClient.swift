import Basics
import Curl

/// Speaks to the running watchdog over its control socket (S33).
struct ControlClient {
    let socket: String
    private let loop = CurlLoop()

    init(socket: String) {
        self.socket = socket
    }

    /// Why the watchdog did not answer as asked.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// The answer's body.
    func get(_ path: String) async throws -> [UInt8] { try await send(.get, path) }

    func post(_ path: String, _ body: JSON) async throws -> [UInt8] { try await send(.post, path, body.utf8) }

    func delete(_ path: String) async throws -> [UInt8] { try await send(.delete, path) }

    /// The answer's body as a value.
    func get<Value: Decodable>(_ path: String, as type: Value.Type) async throws -> Value {
        try JSONText.decode(type, await get(path))
    }

    private func send(_ method: HTTPRequest.Method, _ path: String, _ body: [UInt8] = []) async throws -> [UInt8] {
        var request = HTTPRequest(method, "http://custos\(path)")
        request.unixSocketPath = socket
        request.body = body
        request.bodyLimit = 64 << 20
        if !body.isEmpty { request.headers = [.init("Content-Type", "application/json")] }
        let response: HTTPResponse
        do {
            response = try await loop.send(request)
        } catch {
            throw Failure(description: "custos does not answer at \(socket): \(error); is `custos run` running here?")
        }
        guard response.isSuccess else {
            throw Failure(description: "custos answered \(response.status): \(response.text.safe(limit: 500))")
        }
        return response.body
    }
}
