import Basics
import CCurl

extension CurlHandle {
    /// Sets every option a request needs; nil when all is well.
    ///
    /// Options: curl_easy_setopt(3). Buffers are small because many handles may live in few megabytes.
    mutating func prepare(_ request: HTTPRequest, streams: Bool) -> HTTPError? {
        if let because = Self.fault(in: request) { return .invalidRequest(because: because) }
        setTransport(request)
        setProxy(request)
        setTLS(request.tls)
        setMessage(request)
        set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds: request.connectTimeout.wholeMilliseconds)
        // A stream's time is limited by the loop: libcurl's own limits would end a healthy stream, or look at it
        // every second.
        if !streams { set(CURLOPT_TIMEOUT_MS, milliseconds: request.timeout.wholeMilliseconds) }
        if request.followRedirects, !streams {
            set(CURLOPT_FOLLOWLOCATION, true)
            set(CURLOPT_MAXREDIRS, 5)
        }
        guard failure != CURLE_OK else { return nil }
        return .other(
            at: request.place,
            code: Int32(failure.rawValue),
            because: String(cString: curl_easy_strerror(failure))
        )
    }

    private mutating func setTransport(_ request: HTTPRequest) {
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        set(CURLOPT_NOSIGNAL, true)
        // A name server that does not answer must not hold up the loop when its transfer is given up.
        set(CURLOPT_QUICK_EXIT, true)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_BUFFERSIZE, 16 << 10)
        set(CURLOPT_UPLOAD_BUFFERSIZE, 16 << 10)
        set(CURLOPT_TCP_KEEPALIVE, true)
        set(CURLOPT_UNIX_SOCKET_PATH, request.unixSocketPath)
    }

    private mutating func setProxy(_ request: HTTPRequest) {
        switch request.proxy {
        case _ where request.unixSocketPath != nil, .none: set(CURLOPT_PROXY, "")
        case .environment: break
        case .at(let address, let exceptions):
            set(CURLOPT_PROXY, address.reveal())
            // Without this the environment's NO_PROXY would count for the setting's proxy as well.
            set(CURLOPT_NOPROXY, exceptions ?? "")
        }
    }

    private mutating func setTLS(_ tls: HTTPRequest.TLS) {
        if let file = tls.authorityFile {
            set(CURLOPT_CAINFO, file)
            custos_curl_set_string(pointer, CURLOPT_CAPATH, nil)
        }
        set(CURLOPT_SSLCERT, tls.certificateFile)
        set(CURLOPT_SSLKEY, tls.keyFile)
        if tls.collectsCertificates { set(CURLOPT_CERTINFO, true) }
    }

    private mutating func setMessage(_ request: HTTPRequest) {
        switch request.method {
        case .get where request.body.isEmpty: set(CURLOPT_HTTPGET, true)
        case .head: set(CURLOPT_NOBODY, true)
        case .post:
            set(CURLOPT_POST, true)
            setBody(request.body)
        default:
            if !request.body.isEmpty || request.method == .put || request.method == .patch { setBody(request.body) }
            set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        set(CURLOPT_USERAGENT, request.userAgent)
        switch request.authorization {
        case .basic(let user, let password):
            set(CURLOPT_HTTPAUTH, 1)
            set(CURLOPT_USERNAME, user)
            set(CURLOPT_PASSWORD, password.reveal())
        case .bearer(let token): addField("Authorization: Bearer \(token.reveal())")
        case nil: break
        }
        // These two would come from libcurl: a wait for "100 Continue", and a form's type for what is no form.
        addField("Expect:")
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) { addField("Content-Type:") }
        for field in request.headers {
            let value = field.value.reveal()
            addField(value.isEmpty ? "\(field.name);" : "\(field.name): \(value)")
        }
    }

    /// What makes a request unfit to be sent: control characters would let a value write its own header lines.
    private static func fault(in request: HTTPRequest) -> String? {
        if request.url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            return "the URL has a space or control character"
        }
        if (request.unixSocketPath ?? "").utf8.contains(0) { return "the socket's path has a control character" }
        if hasControl(request.userAgent) { return "the user agent has a control character" }
        switch request.authorization {
        case .bearer(let token) where hasControl(token.reveal()): return "the token has a control character"
        case .basic(let user, let password) where hasControl(user) || hasControl(password.reveal()):
            return "the user or password has a control character"
        default: break
        }
        for field in request.headers {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(isToken) else {
                return "a header's name is malformed"
            }
            if hasControl(field.value.reveal()) { return "the header \(field.name) has a control character" }
        }
        return nil
    }

    private static func hasControl(_ text: String) -> Bool {
        text.utf8.contains { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
