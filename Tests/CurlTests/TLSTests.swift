import Curl
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TLSTests {
    let loop = CurlLoop()

    @Test("a server is trusted by its authority, a client by its certificate, and neither without")
    func trust() async throws {
        let server = try await TLSServer()
        var request = HTTPRequest(.get, server.url)
        await expectTLS("an unknown authority", request)
        request.tls.authorityFile = server.folder + "/ca.pem"
        await expectTLS("no client certificate", request)
        request.tls.certificateFile = server.folder + "/cert.pem"
        request.tls.keyFile = server.folder + "/key.pem"
        request.tls.collectsCertificates = true
        let response = try await loop.send(request)
        #expect(response.status == 200)
        #expect(response.timing.secured > response.timing.connected)
        #expect(response.certificates.first?.hasPrefix("-----BEGIN CERTIFICATE-----") == true)
    }

    @Test("a certificate for another name, and files that are not there, are told as TLS errors")
    func faults() async throws {
        let server = try await TLSServer()
        var request = HTTPRequest(.get, "https://localhost:\(server.port)/")
        request.tls.authorityFile = server.folder + "/ca.pem"
        request.tls.certificateFile = server.folder + "/cert.pem"
        request.tls.keyFile = server.folder + "/key.pem"
        await expectTLS("another name", request)
        request.url = server.url
        request.tls.keyFile = "/nowhere/key.pem"
        await expectTLS("no key", request)
        request.tls.authorityFile = "/nowhere/ca.pem"
        await expectTLS("no authority", request)
    }

    private func expectTLS(_ what: Comment, _ request: HTTPRequest) async {
        await #expect(what) {
            try await loop.send(request)
        } throws: { error in
            if case HTTPError.tls(request.place, _) = error { true } else { false }
        }
    }
}
