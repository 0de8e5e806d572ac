import Basics
import Curl
import Glibc

/// Why the engine gave no answer that could be used.
///
/// `at` is the engine's address, `path` an endpoint of its API without version and query.
package enum EngineError: Error, Hashable, Sendable {
    /// An address that cannot be understood.
    case badAddress(String)
    /// There is no socket.
    case absent(at: String)
    /// The socket must not be opened.
    case denied(at: String)
    /// No connection for another reason; `errno` is 0 where none is known.
    case unreachable(at: String, errno: Int32)
    /// The engine's host has no such name.
    case unresolved(at: String)
    case tls(at: String, because: String)
    /// TLS is spoken at the port that was asked without.
    case wantsTLS(at: String)
    /// A file that TLS needs cannot be read.
    case unreadable(path: String, errno: Int32)
    /// No answer within the timeout.
    case hung(at: String, path: String)
    /// Somebody else answers: a web server, another service.
    case notAnEngine(at: String)
    /// A proxy in between, or the engine itself, does not allow the request.
    case refused(path: String, status: Int)
    /// The engine speaks nothing newer than this.
    case tooOld(APIVersion)
    /// The engine speaks nothing older than this.
    case tooNew(APIVersion)
    case noSuchContainer(String)
    /// The engine reports a failure of its own.
    case failed(path: String, status: Int, message: String)
    /// The answer ended before it was whole; for the event stream, the stream ended.
    case cut(path: String)
    case malformed(path: String, because: String)
    /// An answer above its limit, in bytes.
    case tooLarge(path: String, limit: Int)
    /// The task was cancelled.
    case cancelled
    case other(path: String, because: String)

    /// What an HTTP error means for a request to `path`.
    init(_ error: HTTPError, path: String, at place: String) {
        self =
            switch error {
            case .unreachable(_, ENOENT): .absent(at: place)
            case .unreachable(_, EACCES), .unreachable(_, EPERM): .denied(at: place)
            // A unix socket says so when its queue of connections is full.
            case .unreachable(_, EAGAIN), .timedOut: .hung(at: place, path: path)
            case .unreachable(_, let errno): .unreachable(at: place, errno: errno)
            case .unresolved: .unresolved(at: place)
            case .tls(_, let because): .tls(at: place, because: because)
            case .tooLarge(_, let limit): .tooLarge(path: path, limit: limit)
            case .cut: .cut(path: path)
            case .notHTTP: .notAnEngine(at: place)
            case .cancelled: .cancelled
            case .invalidRequest, .proxyRefused, .other: .other(path: path, because: "\(error)")
            }
    }
}

extension EngineError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badAddress(let text): "the engine's address is not understood: \(text)"
        case .absent(let place): "\(place): there is no socket"
        case .denied(let place): "\(place): permission denied"
        case .unreachable(let place, 0): "\(place): no connection"
        case .unreachable(let place, let errno): "\(place): no connection: \(String(cString: strerror(errno)))"
        case .unresolved(let place): "\(place): the name cannot be resolved"
        case .tls(let place, let because): "\(place): TLS failed: \(because)"
        case .wantsTLS(let place): "\(place): an HTTP request to an HTTPS server"
        case .unreadable(let path, let errno): "\(path): not readable for TLS: \(String(cString: strerror(errno)))"
        case .hung(let place, let path): "\(place): no answer to \(path) within the timeout"
        case .notAnEngine(let place): "\(place): what answers is not a Docker Engine"
        case .refused(let path, let status): "\(Self.asked(path)) is not allowed (status \(status))"
        case .tooOld(let version):
            "the engine's API \(version) is too old: at least \(APIVersion.known.lowerBound) is needed"
        case .tooNew(let version):
            "the engine's oldest API \(version) is too new: at most \(APIVersion.known.upperBound) is known"
        case .noSuchContainer(let id): "no such container: \(id)"
        case .failed(let path, let status, let message): "\(Self.asked(path)) failed with status \(status): \(message)"
        case .cut(let path): "the answer to \(path) was cut"
        case .malformed(let path, let because): "the answer to \(path) is malformed: \(because)"
        case .tooLarge(let path, let limit): "the answer to \(path) is longer than \(limit) bytes"
        case .cancelled: "cancelled"
        case .other(let path, let because): "\(Self.asked(path)): \(because)"
        }
    }

    /// The request to a path: all but one are read.
    private static func asked(_ path: String) -> String { (path.hasSuffix("/restart") ? "POST " : "GET ") + path }

    /// The error, and what an operator can do about it, in one line.
    package var advice: String { hint.map { "\(self); \($0)" } ?? "\(self)" }

    /// What an operator can do about it; nil where there is nothing to say.
    package var hint: String? { hint(in: EngineSettingNames()) }

    /// The same, in the names of one engine's settings.
    package func hint(in names: EngineSettingNames) -> String? {
        switch self {
        case .badAddress: "set \(names.host) to unix:///path or tcp://host:port"
        case .absent where names != EngineSettingNames(): "mount the engine's socket at this path, or set \(names.host)"
        case .absent: "mount the socket with -v /var/run/docker.sock:/var/run/docker.sock, or set DOCKER_HOST"
        case .denied: #"group_add: ["${DOCKER_GID:?stat -c %g /var/run/docker.sock}"]"#
        case .unreachable, .cut: "see whether the engine runs"
        case .unresolved: "see whether the host's name in \(names.host) is right"
        case .tls(_, let because): TLSFault(because).hint(in: names)
        case .unreadable:
            "\(names.certPath) must hold ca.pem, cert.pem and key.pem, and Custos' user must be able to read them"
        case .wantsTLS: "set \(names.tlsVerify) and \(names.certPath): the engine speaks TLS at this port"
        case .hung: "the engine accepts connections and does not answer: its own log may say why"
        case .notAnEngine: "see whether \(names.host) names the engine or its proxy"
        case .refused(let path, _): "let the socket proxy allow \(Self.asked(path))"
        case .tooOld: "update the engine to Docker 1.12 or newer"
        case .tooNew: "update custos"
        case .noSuchContainer, .failed, .malformed, .tooLarge, .cancelled, .other: nil
        }
    }
}
