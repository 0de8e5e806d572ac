import Basics
import Curl
import FoundationEssentials

/// Turns requests into HTTP, and what HTTP says into values or errors.
struct EngineWire: Sendable {
    let address: EngineAddress
    let loop: CurlLoop
    let timeout: Duration

    func fetch<Value: Decodable>(
        _ request: EngineRequest,
        _ version: APIVersion?,
        as type: Value.Type
    ) async throws(EngineError) -> Value {
        let body = try await send(request, version)
        do {
            return try EngineJSON.decode(type, from: body)
        } catch {
            throw .malformed(path: request.path, because: Self.fault(error))
        }
    }

    /// The body of a good answer.
    ///
    /// `limit` is for the whole answer, instead of `timeout`.
    func send(
        _ request: EngineRequest,
        _ version: APIVersion?,
        within limit: Duration? = nil
    ) async throws(EngineError) -> [UInt8] {
        let response: HTTPResponse
        do {
            response = try await loop.send(http(request, version, within: limit))
        } catch {
            throw EngineError(error, path: request.path, at: "\(address)")
        }
        if let error = refusal(of: request, response.status, response.headers, response.body) { throw error }
        return response.body
    }

    /// A stream whose head was good.
    func stream(_ request: EngineRequest, _ version: APIVersion?) async throws(EngineError) -> HTTPStream {
        let stream: HTTPStream
        var body: [UInt8] = []
        do {
            stream = try await loop.stream(http(request, version))
            if refusal(of: request, stream.head.status, stream.head.headers, []) == nil { return stream }
            body = try await stream.next() ?? []
        } catch {
            throw EngineError(error, path: request.path, at: "\(address)")
        }
        stream.cancel()
        throw refusal(of: request, stream.head.status, stream.head.headers, body) ?? .cut(path: request.path)
    }

    private func http(
        _ request: EngineRequest,
        _ version: APIVersion?,
        within limit: Duration? = nil
    ) -> HTTPRequest {
        var http: HTTPRequest
        switch address {
        case .unix(let path):
            http = HTTPRequest(.get, "http://docker" + request.target(version))
            http.unixSocketPath = path
        case .tcp(let host, let port, let keys):
            http = HTTPRequest(.get, "\(keys == nil ? "http" : "https")://\(host):\(port)\(request.target(version))")
            http.tls.authorityFile = keys?.authority
            http.tls.certificateFile = keys?.certificate
            http.tls.keyFile = keys?.key
        }
        // The way to the engine never leads through the proxy that serves the way out.
        http.proxy = .none
        if request.isAct { http.method = .post }
        http.timeout = limit ?? timeout
        http.connectTimeout = min(timeout, .seconds(5))
        http.bodyLimit = request.limit
        return http
    }

    /// Why an answer cannot be used, as far as status and type tell.
    private func refusal(
        of request: EngineRequest,
        _ status: Int,
        _ headers: HTTPHeaders,
        _ body: [UInt8]
    ) -> EngineError? {
        // A proxy's own pages are HTML too, so the status comes first.
        if [401, 403, 407].contains(status) { return .refused(path: request.path, status: status) }
        var isHTML = (headers["content-type"] ?? "").lowercased().hasPrefix("text/html")
        // A log may begin with anything.
        if !request.isText { isHTML = isHTML || body.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") }
        if isHTML { return .notAnEngine(at: "\(address)") }
        if status == 200 || status == 204 && request.isAct { return nil }
        if status == 404, let id = request.container { return .noSuchContainer("\(id)") }
        // Go's words (net/http).
        if status == 400, body.firstRange(of: Array("HTTP request to an HTTPS server".utf8)) != nil {
            return .wantsTLS(at: "\(address)")
        }
        return .failed(path: request.path, status: status, message: Self.message(in: body))
    }

    /// What the engine says in `{"message": "…"}`.
    static func message(in body: [UInt8]) -> String {
        struct Refusal: Decodable {
            var message: String
        }
        let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(body))
        return (refusal?.message ?? String(decoding: body.prefix(200), as: UTF8.self)).safe(limit: 200)
    }

    /// Where JSON does not fit, without quoting any of it.
    static func fault(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, let context)?: "\(place(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?:
            "\(place(context.codingPath)) has another type"
        case .dataCorrupted(let context)? where !context.codingPath.isEmpty:
            "\(place(context.codingPath)) has another form"
        default: "no valid JSON"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        guard !path.isEmpty else { return "the whole" }
        return path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".").safe(limit: 100)
    }
}
