package import Basics

/// One HTTP request: what to send, where, and the limits it lives under.
///
/// Neither its description nor a reflection of it shows the URL beyond scheme and host, a header's value or the body:
/// webhooks carry their secret in the path.
package struct HTTPRequest: Sendable {
    /// What is asked of the server.
    package enum Method: String, CaseIterable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
        case options = "OPTIONS"
    }

    package var method: Method
    /// `http://` or `https://`, nothing else; with `unixSocketPath` the host is only the `Host` header.
    package var url: String
    /// Header fields in the order they are sent.
    package var headers: [Field] = []
    package var authorization: Authorization?
    package var body: [UInt8] = []
    /// Connects to this socket instead of the URL's host; no proxy is used then.
    package var unixSocketPath: String?
    package var userAgent = "custos"

    /// The most that `send` may take for the whole exchange, and `stream` until the answer's head has come.
    package var timeout: Duration = .seconds(10)
    /// Name resolution, connection and TLS handshake together.
    package var connectTimeout: Duration = .seconds(5)
    /// For `stream`: the longest silence between two chunks; nil waits for ever.
    package var idleTimeout: Duration?

    /// The most of a body that `send` keeps, and that `stream` holds for a slow reader, in bytes.
    package var bodyLimit = 1 << 20
    /// Whether `send` drops what exceeds `bodyLimit`; otherwise it fails with `HTTPError.tooLarge`.
    package var truncatesBody = false

    /// Whether `send` follows up to five redirects, to http and https only.
    package var followRedirects = false
    package var proxy: Proxy = .environment
    package var tls = TLS()

    package init(_ method: Method = .get, _ url: String) {
        self.method = method
        self.url = url
    }

    /// One header field; its value is taken for a secret.
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: Secret

        package init(_ name: String, _ value: String) {
            self.init(name, Secret(value))
        }

        package init(_ name: String, _ value: Secret) {
            self.name = name
            self.value = value
        }
    }

    /// Who asks.
    package enum Authorization: Hashable, Sendable {
        case basic(user: String, password: Secret)
        case bearer(Secret)
    }

    /// How to reach the server.
    package enum Proxy: Hashable, Sendable {
        /// As libcurl reads `http_proxy`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
        case environment
        case none
        /// The proxy's URL, and the hosts (`a.example,.b.example,10.0.0.0/8`) that are reached without it.
        case at(Secret, except: String? = nil)
    }

    /// Whom to trust and what to show; the server's certificate and name are always verified.
    package struct TLS: Hashable, Sendable {
        /// A PEM file of authorities instead of the system's.
        package var authorityFile: String?
        /// PEM files of the client's own certificate and key.
        package var certificateFile: String?
        package var keyFile: String?
        /// Whether `HTTPResponse.certificates` is wanted.
        package var collectsCertificates = false

        package init() {}
    }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(method.rawValue) \(place)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Whom the request speaks to, fit to be shown: the socket's path, or scheme, host and port of the URL.
    package var place: String {
        unixSocketPath?.safe(limit: 256) ?? Self.origin(of: url)
    }

    /// Scheme, host and port of a URL, without user, password, path and query.
    package static func origin(of url: String) -> String {
        guard let mark = url.utf8.firstRange(of: Array("://".utf8)) else { return "an address without a scheme" }
        let ends = Set("/?#\\".utf8)
        let authority = url.utf8[mark.upperBound...].prefix { !ends.contains($0) }
        let host =
            authority.lastIndex(of: UInt8(ascii: "@")).map { authority[authority.index(after: $0)...] } ?? authority
        return String(url[..<mark.upperBound] + String(Substring(host))).safe(limit: 256)
    }
}
