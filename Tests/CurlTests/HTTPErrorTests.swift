import Basics
import Curl
import Glibc
import TestSupport
import Testing

struct HTTPErrorTests {
    @Test(
        "a place is scheme, host and port: never user, password, path or query",
        arguments: [
            ("https://user:pa@ss@host.example:8443/hook/T0KEN?key=s3cret", "https://host.example:8443"),
            ("http://host?key=s3cret", "http://host"),
            ("http://[::1]:80/a@b", "http://[::1]:80"),
            ("http://host#s3cret", "http://host"),
            ("s3cret", "an address without a scheme"),
            ("http://a\u{1B}[31m/", "http://a�[31m"),
        ]
    )
    func origin(_ url: String, _ place: String) {
        #expect(HTTPRequest(.post, url).place == place)
    }

    @Test("no error shows a credential, a path or a query")
    func secrets() async throws {
        let loop = CurlLoop()
        let receiver = try HTTPReceiver(.init(.nothing), .init(.cut(after: 1), body: "abc"), .init(.hang))
        let hosts = [
            "127.0.0.1:\(receiver.port)", "127.0.0.1:\(receiver.port)", "127.0.0.1:\(receiver.port)", "127.0.0.1:1",
            "nowhere.invalid", "a b",
        ]
        for host in hosts {
            var request = HTTPRequest(.get, "http://hunter:2hunter2@\(host)/hunter2?hunter2=hunter2")
            request.headers = [.init("X-Hunter", "hunter2")]
            request.authorization = .bearer(Secret("hunter2"))
            request.timeout = .milliseconds(300)
            let error = await #expect(throws: HTTPError.self) { try await loop.send(request) }
            let shown =
                "\(String(describing: error)) \(String(reflecting: error)) \(request) \(String(reflecting: request))"
            #expect(!shown.contains("unter2"), "\(shown)")
            var dumped = ""
            dump(request, to: &dumped)
            #expect(!dumped.contains("unter2"))
        }
    }

    @Test("descriptions name the place and the system's reason")
    func descriptions() {
        #expect("\(HTTPError.unreachable(at: "/a.sock", errno: EACCES))" == "/a.sock: no connection: Permission denied")
        #expect("\(HTTPError.unreachable(at: "http://a", errno: 0))" == "http://a: no connection")
        #expect("\(HTTPError.tooLarge(at: "http://a", limit: 5))" == "http://a: the answer is longer than 5 bytes")
    }

    @Test("a name that does not exist is told as such")
    func unresolved() async {
        var request = HTTPRequest(.get, "http://nowhere.invalid/")
        request.proxy = .none
        // A name server that does not answer is asked for ten seconds, and then the next.
        request.timeout = .seconds(60)
        await #expect(throws: HTTPError.unresolved(at: "http://nowhere.invalid")) { try await CurlLoop().send(request) }
    }
}
