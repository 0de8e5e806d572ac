import Curl
import TestSupport
import Testing

@testable import DockerEngine

@Suite(.timeLimit(.minutes(1)))
struct TLSFaultTests {
    /// As libcurl 7.88 and 8.x with OpenSSL 3 say it.
    @Test(
        "what OpenSSL says names the fault",
        arguments: [
            ("SSL certificate problem: unable to get local issuer certificate", .unknownAuthority),
            ("SSL certificate problem: self-signed certificate in certificate chain", .unknownAuthority),
            ("SSL certificate problem: self signed certificate", .unknownAuthority),
            ("SSL certificate problem: unable to verify the first certificate", .unknownAuthority),
            ("SSL certificate problem: certificate signature failure", .unknownAuthority),
            ("SSL certificate problem: certificate has expired", .wrongTime),
            ("SSL certificate problem: certificate is not yet valid", .wrongTime),
            ("SSL: no alternative certificate subject name matches target host name 'a'", .otherName),
            ("SSL: no alternative certificate subject name matches target ipv4 address '127.0.0.1'", .otherName),
            ("SSL: certificate subject name 'b' does not match target host name 'a'", .otherName),
            (
                "unable to set private key file: '/key.pem' type PEM, error:05800074:x509 certificate "
                    + "routines::key values mismatch", .mismatchedKeys
            ),
            ("unable to set private key file: '/key.pem' type PEM", .mismatchedKeys),
            ("Private key does not match the certificate public key", .mismatchedKeys),
            (
                "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0",
                .certificateWanted
            ),
            (
                "OpenSSL SSL_read: error:0A000415:SSL routines::sslv3 alert certificate expired, errno 0",
                .certificateExpired
            ),
            ("OpenSSL SSL_read: error:0A000418:SSL routines::tlsv1 alert unknown ca, errno 0", .certificateRefused),
            ("OpenSSL SSL_read: error:0A000412:SSL routines::sslv3 alert bad certificate", .certificateRefused),
            ("OpenSSL SSL_connect: error:0A00042E:SSL routines::tlsv1 alert protocol version", .other),
            ("OpenSSL SSL_connect: error:0A000410:SSL routines::sslv3 alert handshake failure", .other),
            ("OpenSSL/3.0.11: error:0A00010B:SSL routines::wrong version number", .noTLS),
            ("something new", .other),
        ] as [(String, TLSFault)]
    )
    func faults(because: String, fault: TLSFault) {
        #expect(TLSFault(because) == fault)
        #expect(EngineError.tls(at: "tcp://e:2376", because: because).hint == fault.hint(in: EngineSettingNames()))
    }

    @Test("the remedies of an engine with a name are in the names of its own settings")
    func ofAnEngineWithAName() {
        let names = EngineSettingNames(instance: "far")
        let errors: [EngineError] = [
            .badAddress("x"), .absent(at: "x"), .unresolved(at: "x"), .wantsTLS(at: "x"), .notAnEngine(at: "x"),
            .unreadable(path: "/x", errno: 2), .tls(at: "x", because: "certificate required"),
        ]
        for error in errors {
            let hint = error.hint(in: names) ?? ""
            #expect(hint.contains("docker.far.") && !hint.contains("DOCKER_"), "\(hint)")
        }
        #expect(EngineError.wantsTLS(at: "x").hint(in: names)?.contains("docker.far.tls_verify") == true)
    }

    @Test("a file that is missing is named before anything is sent")
    func missingFile() async throws {
        let folder = try TemporaryFolder()
        try folder.write("ca.pem", "not looked into")
        let keys = EngineAddress.Keys(folder: folder.path)
        let error = await #expect(throws: EngineError.self) {
            try await EngineClient.connect(to: .tcp(host: "127.0.0.1", port: 1, tls: keys), over: CurlLoop())
        }
        #expect(error == .unreadable(path: "\(folder.path)/cert.pem", errno: 2))
        #expect(error.map { "\($0)" } == "\(folder.path)/cert.pem: not readable for TLS: No such file or directory")
        #expect(error?.hint?.contains("DOCKER_CERT_PATH") == true)
    }

    @Test("a plain question to a port that speaks TLS is told as that")
    func plainToTLS() async throws {
        let stub = try EngineStub()
        let page = "Client sent an HTTP request to an HTTPS server.\n"
        stub.reply(to: "/version", with: .body(page, status: 400, type: "text/plain"))
        let error = await #expect(throws: EngineError.self) {
            try await EngineClient.connect(to: stub.address, over: CurlLoop())
        }
        #expect(error == .wantsTLS(at: "\(stub.address)"))
        #expect(error?.hint?.contains("DOCKER_TLS_VERIFY") == true)
    }
}
