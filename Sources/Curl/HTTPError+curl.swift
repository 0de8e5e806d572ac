import Basics
import CCurl

extension HTTPError {
    /// What libcurl's end code means, once `handle` has ended.
    ///
    /// Codes: libcurl-errors(3). Its messages may quote the URL, so only those about TLS are passed on.
    init(_ code: CURLcode, of handle: borrowing CurlHandle, head: HTTPHead, at place: String) {
        // Nothing is sent before this moment, on a kept connection either.
        let isConnected = handle.size(CURLINFO_PRETRANSFER_TIME_T) > 0
        switch code {
        case CURLE_UNSUPPORTED_PROTOCOL where isConnected, CURLE_WEIRD_SERVER_REPLY:
            self = .notHTTP(at: place)
        case CURLE_UNSUPPORTED_PROTOCOL:
            self = .invalidRequest(because: "only http:// and https:// are spoken")
        case CURLE_URL_MALFORMAT:
            self = .invalidRequest(because: "the URL is malformed")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            self = .unresolved(at: place)
        case CURLE_COULDNT_CONNECT:
            self = .unreachable(at: place, errno: Int32(clamping: handle.long(CURLINFO_OS_ERRNO)))
        case CURLE_OPERATION_TIMEDOUT:
            self = .timedOut(at: place, while: !isConnected ? .connecting : head.status == 0 ? .waiting : .reading)
        case CURLE_SEND_ERROR where handle.isRefusedByPeer, CURLE_RECV_ERROR where handle.isRefusedByPeer:
            self = .tls(at: place, because: handle.message(for: code).safe(limit: 200))
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            let tunnel = handle.long(CURLINFO_HTTP_CONNECTCODE)
            self = tunnel == 0 || tunnel == 200 ? .cut(at: place) : .proxyRefused(at: place, status: tunnel)
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION, CURLE_USE_SSL_FAILED, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            self = .tls(at: place, because: handle.message(for: code).safe(limit: 200))
        default:
            self = .other(at: place, code: Int32(code.rawValue), because: String(cString: curl_easy_strerror(code)))
        }
    }
}

extension CurlHandle {
    /// Whether the server ended TLS with an alert: since TLS 1.3 it refuses a client's certificate after the handshake.
    fileprivate var isRefusedByPeer: Bool { message(for: CURLE_OK).utf8.firstRange(of: Array(" alert ".utf8)) != nil }
}
