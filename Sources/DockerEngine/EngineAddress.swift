import Basics
import Curl
import Glibc

/// Where an engine listens.
package enum EngineAddress: Hashable, Sendable {
    /// A unix socket, by its path.
    case unix(String)
    /// A TCP port, plain or with TLS.
    case tcp(host: String, port: UInt16, tls: Keys? = nil)

    /// The PEM files of a TLS connection; the engine's certificate is verified in any case.
    package struct Keys: Hashable, Sendable {
        /// Who vouches for the engine; nil for those that the system trusts.
        package var authority: String?
        /// Our own certificate and its key; nil where the engine asks for none.
        package var certificate: String?
        package var key: String?

        /// By the authorities that the system trusts, without a certificate of our own.
        package static let system = Keys()

        private init() {}

        /// The three files as the docker command names them: `ca.pem`, `cert.pem`, `key.pem`.
        package init(folder: String) {
            authority = "\(folder)/ca.pem"
            certificate = "\(folder)/cert.pem"
            key = "\(folder)/key.pem"
        }

        /// The first of the files that cannot be read: libcurl would only say that something is wrong with one of them.
        var fault: EngineError? {
            for path in [authority, certificate, key].compactMap(\.self) where access(path, R_OK) != 0 {
                return .unreadable(path: path.safe(limit: 200), errno: errno)
            }
            return nil
        }
    }

    /// Whether the engine is on this machine, whoever it is.
    package var isSocket: Bool {
        if case .unix = self { true } else { false }
    }

    /// Where an engine listens unless it is told otherwise.
    package static let standard = EngineAddress.unix("/var/run/docker.sock")

    /// Reads `unix:///path`, `/path`, `tcp://host:port`, `http://host:port` or `https://host:port`.
    ///
    /// A port that is left out is 2375, or 2376 with TLS. `keys` make a `tcp://` address one with TLS, and contradict
    /// `http://`; a unix socket needs none.
    package init(_ text: String, keys: Keys? = nil) throws(EngineError) {
        if text.hasPrefix("/") {
            self = try Self.socket(text)
            return
        }
        guard let mark = text.utf8.firstRange(of: Array("://".utf8)) else { throw .badAddress(text.safe(limit: 200)) }
        let rest = String(text[mark.upperBound...])
        switch text[..<mark.lowerBound] {
        case "unix": self = try Self.socket(rest)
        case "tcp": self = try Self.tcp(rest, keys)
        case "http":
            guard keys == nil else {
                throw .badAddress("http:// speaks no TLS, which DOCKER_TLS_VERIFY or DOCKER_CERT_PATH asks for")
            }
            self = try Self.tcp(rest, nil)
        case "https": self = try Self.tcp(rest, keys ?? .system)
        default: throw .badAddress(HTTPRequest.origin(of: text))
        }
    }

    private static func socket(_ path: String) throws(EngineError) -> EngineAddress {
        // sun_path of sockaddr_un(7) has 108 bytes, one of them for the end.
        guard path.hasPrefix("/"), path.utf8.count < 108, !path.utf8.contains(0) else {
            throw .badAddress(path.safe(limit: 200))
        }
        return .unix(path)
    }

    private static func tcp(_ text: String, _ keys: Keys?) throws(EngineError) -> EngineAddress {
        let bare = text.hasSuffix("/") ? String(text.dropLast()) : text
        let usual: UInt16 = keys == nil ? 2375 : 2376
        var host = bare[...]
        var port: UInt16? = usual
        if let colon = bare.lastIndex(of: ":"), !bare[colon...].contains("]") {
            host = bare[..<colon]
            port = UInt16(bare[bare.index(after: colon)...])
        }
        let inner = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
        guard let port, port > 0, !inner.isEmpty, inner.utf8.allSatisfy({ isHostByte($0, bracketed: inner != host) })
        else {
            throw .badAddress(HTTPRequest.origin(of: "tcp://" + text))
        }
        return .tcp(host: String(host), port: port, tls: keys)
    }

    private static func isHostByte(_ byte: UInt8, bracketed: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"), UInt8(ascii: "%"): bracketed
        default: false
        }
    }
}

extension EngineAddress: CustomStringConvertible {
    /// As `DOCKER_HOST` would say it.
    package var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .tcp(let host, let port, _): "tcp://\(host):\(port)"
        }
    }
}
