/// What a server answered.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Whether the body was longer than what was kept.
    package var isTruncated: Bool
    package var timing: HTTPTiming
    /// The server's certificates as PEM, its own first; empty unless `TLS.collectsCertificates` asked for them.
    package var certificates: [String]

    package init(
        status: Int,
        headers: HTTPHeaders = HTTPHeaders(),
        body: [UInt8] = [],
        isTruncated: Bool = false,
        timing: HTTPTiming = HTTPTiming(),
        certificates: [String] = []
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isTruncated = isTruncated
        self.timing = timing
        self.certificates = certificates
    }

    /// Whether the status is one of 200…299.
    package var isSuccess: Bool { (200...299).contains(status) }

    /// The body as text; bytes that are no UTF-8 become `�`.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// An answer's status line and header fields.
package struct HTTPHead: Hashable, Sendable {
    package var status: Int
    package var headers: HTTPHeaders
}

/// How long each phase took, counted from the start of the transfer; a phase that did not happen is zero.
package struct HTTPTiming: Hashable, Sendable {
    /// Until the name was resolved.
    package var resolved: Duration = .zero
    /// Until the connection stood; zero where a kept one was used again.
    package var connected: Duration = .zero
    /// Until the TLS handshake was done.
    package var secured: Duration = .zero
    package var firstByte: Duration = .zero
    package var total: Duration = .zero

    package init() {}
}
