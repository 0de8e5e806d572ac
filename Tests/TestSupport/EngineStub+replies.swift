import Basics
package import DockerEngine
import FoundationEssentials
import Glibc
import Synchronization

extension EngineStub {
    /// Answers one request; whether the connection can be used again.
    func answer(_ request: RecordedRequest, on connection: StubConnection) -> Bool {
        let (path, asked) = Self.endpoint(request.path)
        let reply = state.withLock { state in
            state.requests.append(request)
            return state.replies[path] ?? state.replyToAll
        }
        switch reply {
        case .body(let text, let status, let type)?:
            return connection.reply(status, type, Array(text.utf8))
        case .html?:
            return connection.reply(200, "text/html", Array("<!DOCTYPE html><title>It works!</title>".utf8))
        case .forbidden?:
            return connection.reply(403, "text/html", Array("<html><body><h1>403 Forbidden</h1></body></html>".utf8))
        case .hang?:
            connection.waitForEnd()
            return false
        case .cut(let beginning)?:
            connection.write(
                Array(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n\(beginning)"
                        .utf8
                )
            )
            return false
        case .late(let span)?: usleep(UInt32(clamping: span.wholeMilliseconds * 1000))
        case nil: break
        }
        return answerNormally(request, path, asked, on: connection)
    }

    private func answerNormally(
        _ request: RecordedRequest,
        _ path: String,
        _ asked: APIVersion?,
        on connection: StubConnection
    ) -> Bool {
        guard request.method == "GET" else { return connection.refuse(405, "method not allowed") }
        if let asked, asked > version {
            return connection.refuse(
                400,
                "client version \(asked) is too new. Maximum supported API version is \(version)"
            )
        }
        if let asked, let oldest, asked < oldest {
            return connection.refuse(
                400,
                "client version \(asked) is too old. Minimum supported API version is \(oldest)"
            )
        }
        switch path {
        case "/_ping": return connection.reply(200, "text/plain; charset=utf-8", Array("OK".utf8))
        case "/events":
            listen(connection, since: request.query["since"].flatMap(Self.nanoseconds))
            return false
        default:
            guard let body = body(of: path) else { return connection.refuse(404, "No such container or page: \(path)") }
            return connection.reply(200, "application/json", body)
        }
    }

    private func body(of path: String) -> [UInt8]? {
        if path.hasPrefix("/containers/"), let containers {
            if path == "/containers/json" {
                let hasHealth = version >= APIVersion(1, 52)
                return JSON.array(containers.map { $0.summary(hasHealth: hasHealth) }).utf8
            }
            let id = path.dropFirst("/containers/".count).dropLast("/json".count)
            return containers.first { $0.id == id || $0.name == id }?.inspect.utf8
        }
        let name = path.utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 }
        return fixtures["GET\(String(decoding: name, as: UTF8.self)).json"]
    }

    /// A path without its version, and the version.
    static func endpoint(_ path: String) -> (path: String, version: APIVersion?) {
        guard path.hasPrefix("/v") else { return (path, nil) }
        let parts = path.dropFirst(2).split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let version = APIVersion(parts[0]) else { return (path, nil) }
        return ("/" + String(parts[1]), version)
    }

    /// `1795235511.000000001` as nanoseconds.
    private static func nanoseconds(_ text: String) -> Int64? {
        let parts = text.split(separator: ".")
        guard let whole = parts.first.flatMap({ Int64($0) }) else { return nil }
        let fraction = parts.count > 1 ? (parts[1] + "000000000").prefix(9) : "0"
        return whole * 1_000_000_000 + (Int64(fraction) ?? 0)
    }

    /// The recorded replies of one version, by file name; of the nearest older one, with its own number, where there are none.
    package static func fixtures(of version: APIVersion) throws -> [String: [UInt8]] {
        let recorded = try FileManager.default.contentsOfDirectory(atPath: recordings.path).compactMap {
            APIVersion($0)
        }
        let nearest = recorded.filter { $0 <= version }.max() ?? version
        var files = try fixtures(in: "\(nearest)")
        if nearest != version, let said = files["GET_version.json"] {
            let text = String(decoding: said, as: UTF8.self)
            files["GET_version.json"] = Array(
                text.replacing("\"ApiVersion\": \"\(nearest)\"", with: "\"ApiVersion\": \"\(version)\"").utf8
            )
        }
        return files
    }

    /// The recorded replies of one folder, by file name.
    package static func fixtures(in folder: String) throws -> [String: [UInt8]] {
        let folder = recordings.appending(path: folder)
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            files[name] = Array(try Data(contentsOf: folder.appending(path: name)))
        }
        return files
    }

    private static var recordings: URL {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return tests.appending(path: "Fixtures/engine")
    }

    static func freshFolder() throws(SystemFailure) -> String {
        var template = Array("/tmp/custos-stub-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFailure(call: "mkdtemp", errno: errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension StubConnection {
    fileprivate func reply(_ status: Int, _ type: String, _ body: [UInt8]) -> Bool {
        write(
            Array("HTTP/1.1 \(status) Stub\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
                + body
        )
    }

    fileprivate func refuse(_ status: Int, _ message: String) -> Bool {
        let body: JSON = ["message": .string(message)]
        return reply(status, "application/json", body.utf8)
    }
}
