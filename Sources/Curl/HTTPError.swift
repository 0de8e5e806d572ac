import Basics
import Glibc

/// Why an exchange gave no answer.
///
/// `at` is the socket's path, or scheme, host and port: never a user, password, path or query.
package enum HTTPError: Error, Hashable, Sendable {
    /// The request itself is wrong; nothing was sent.
    case invalidRequest(because: String)
    /// The host's name, or the proxy's, could not be resolved.
    case unresolved(at: String)
    /// No connection; `errno` says why: `ENOENT`, `EACCES`, `ECONNREFUSED`, `EHOSTUNREACH`, or 0 when unknown.
    case unreachable(at: String, errno: Int32)
    /// The handshake failed or a certificate is not trusted.
    case tls(at: String, because: String)
    case timedOut(at: String, while: Phase)
    /// The head or the body exceeds its limit, in bytes.
    case tooLarge(at: String, limit: Int)
    /// The connection closed or was reset before the answer was whole.
    case cut(at: String)
    /// The proxy would not open a tunnel.
    case proxyRefused(at: String, status: Int)
    /// The answer is no HTTP.
    case notHTTP(at: String)
    /// The task was cancelled, or the loop went away.
    case cancelled
    /// Anything else, with libcurl's number (libcurl-errors(3)).
    case other(at: String, code: Int32, because: String)

    /// What an exchange was waiting for.
    package enum Phase: String, Hashable, Sendable {
        /// The name, the connection or the handshake.
        case connecting
        /// The head of the answer.
        case waiting
        /// The rest of the answer.
        case reading
    }
}

extension HTTPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidRequest(let because): "the request is not valid: \(because)"
        case .unresolved(let place): "\(place): the name cannot be resolved"
        case .unreachable(let place, 0): "\(place): no connection"
        case .unreachable(let place, let errno): "\(place): no connection: \(String(cString: strerror(errno)))"
        case .tls(let place, let because): "\(place): TLS failed: \(because)"
        case .timedOut(let place, .connecting): "\(place): no connection within the timeout"
        case .timedOut(let place, .waiting): "\(place): no answer within the timeout"
        case .timedOut(let place, .reading): "\(place): the answer stopped coming"
        case .tooLarge(let place, let limit): "\(place): the answer is longer than \(limit) bytes"
        case .cut(let place): "\(place): the connection was cut before the answer was whole"
        case .proxyRefused(let place, let status): "\(place): the proxy refused a tunnel with status \(status)"
        case .notHTTP(let place): "\(place): the answer is not HTTP"
        case .cancelled: "cancelled"
        case .other(let place, let code, let because): "\(place): \(because) (libcurl \(code))"
        }
    }
}
