import Basics

/// What is wrong where a TLS connection to the engine failed, as far as OpenSSL's words tell.
///
/// The words are those of `X509_verify_cert_error_string(3)` and of the alerts of RFC 8446, section 6, which libcurl passes on.
enum TLSFault: Hashable, Sendable {
    /// Nobody that we trust vouches for the engine.
    case unknownAuthority
    /// The engine's certificate is valid at another time.
    case wrongTime
    /// The engine's certificate is for another name.
    case otherName
    /// Our certificate and our key are no pair.
    case mismatchedKeys
    /// The engine wants a certificate of ours and got none.
    case certificateWanted
    /// The engine refuses our certificate: it has expired.
    case certificateExpired
    /// The engine refuses our certificate.
    case certificateRefused
    /// What answers speaks no TLS.
    case noTLS
    case other

    private static let marks: [(words: String, fault: TLSFault)] = [
        ("alert certificate required", .certificateWanted),
        ("alert certificate expired", .certificateExpired),
        ("alert bad certificate", .certificateRefused),
        ("alert unknown ca", .certificateRefused),
        ("alert certificate unknown", .certificateRefused),
        ("alert unsupported certificate", .certificateRefused),
        ("alert certificate revoked", .certificateRefused),
        ("alert access denied", .certificateRefused),
        (" alert ", .other),
        ("expired", .wrongTime),
        ("not yet valid", .wrongTime),
        ("match", .otherName),
        ("issuer cert", .unknownAuthority),
        ("self-signed", .unknownAuthority),
        ("self signed", .unknownAuthority),
        ("unable to verify", .unknownAuthority),
        ("signature failure", .unknownAuthority),
        ("wrong version number", .noTLS),
        ("packet length too long", .noTLS),
    ]

    init(_ because: String) {
        let text = because.lowercased()
        func says(_ words: String) -> Bool { text.utf8.firstRange(of: Array(words.utf8)) != nil }
        if says("key values mismatch") || says("does not match the certificate") || says("private key file") {
            self = .mismatchedKeys
        } else {
            self = Self.marks.first { says($0.words) }?.fault ?? .other
        }
    }

    /// What an operator can do about it, in the names of the engine's settings.
    func hint(in names: EngineSettingNames) -> String {
        switch self {
        case .unknownAuthority:
            "ca.pem in \(names.certPath) must be of the authority that signed the engine's certificate"
        case .wrongTime: "renew the engine's certificate, or set the clock of this machine"
        case .otherName: "call the engine in \(names.host) by a name that its certificate has"
        case .mismatchedKeys: "cert.pem and key.pem in \(names.certPath) must belong together"
        case .certificateWanted: "set \(names.certPath): the engine wants a certificate of its clients"
        case .certificateExpired: "renew cert.pem in \(names.certPath): the engine says that it has expired"
        case .certificateRefused:
            "have cert.pem in \(names.certPath) signed anew by the authority that the engine trusts"
        case .noTLS: "see whether the engine speaks TLS at this port: usual is 2376"
        case .other: "see whether ca.pem, cert.pem and key.pem in \(names.certPath) belong to this engine"
        }
    }
}
