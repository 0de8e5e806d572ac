import Alerting
import Basics
import Curl
import Settings
import TestSupport
import Testing

@testable import Sinks

@Suite("Webhook sink")
struct WebhookSinkTests {
    private static let time = ManualTime(now: Samples.time)

    private static func sink(
        _ receiver: HTTPReceiver,
        path: String = "/hook",
        _ change: (inout WebhookSettings) -> Void = { _ in }
    ) -> WebhookSink {
        var settings = WebhookSettings()
        settings.url = HTTPAddress(receiver.url(path))
        change(&settings)
        return WebhookSink(settings, tools: SinkTools(curl: CurlLoop(), time: time, version: "1.2.3"))
    }

    private static func error(_ sink: WebhookSink) async throws -> DeliveryError? {
        let delivery = try Samples.delivery([Samples.alert()])
        do throws(DeliveryError) {
            try await sink.deliver(delivery)
            return nil
        } catch {
            return error
        }
    }

    @Test("the request is a POST with its type, key, agent and signature")
    func request() async throws {
        let receiver = try HTTPReceiver()
        let sink = Self.sink(receiver, path: "/hook?a=b") { $0.secret = Secret("k") }
        let delivery = try Samples.delivery([Samples.alert()])
        try await sink.deliver(delivery)
        let request = try #require(receiver.requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/hook?a=b")
        #expect(request.header("Content-Type") == "application/json")
        #expect(request.header("Idempotency-Key") == delivery.id.description)
        #expect(request.header("User-Agent") == "custos/1.2.3")
        #expect(
            request.header("Custos-Signature")
                == Signature.value(body: request.body, secret: Secret("k"), at: Samples.time)
        )
        #expect(request.body == WebhookFormat.native.payloads(of: delivery).first?.body)
    }

    @Test("own headers are sent and may replace the type, never the key")
    func headers() async throws {
        let receiver = try HTTPReceiver()
        let sink = Self.sink(receiver) {
            $0.headers = ["X-Team": Secret("ops"), "content-type": Secret("application/vnd.x+json")]
            $0.user = "u"
            $0.password = Secret("p")
        }
        #expect(try await Self.error(sink) == nil)
        let request = try #require(receiver.requests.first)
        #expect(request.header("X-Team") == "ops")
        #expect(request.header("Content-Type") == "application/vnd.x+json")
        #expect(request.header("Authorization") == "Basic dTpw")
        #expect(request.header("Custos-Signature") == nil)
    }

    @Test("ntfy is published to the server's root with the topic inside")
    func ntfy() async throws {
        let receiver = try HTTPReceiver()
        let sink = Self.sink(receiver, path: "/base/topic?auth=x") { $0.format = .ntfy }
        #expect(try await Self.error(sink) == nil)
        let request = try #require(receiver.requests.first)
        #expect(request.target == "/base/?auth=x")
        #expect(try JSON(parsing: request.body)["topic"] == "topic")
    }

    @Test("a template's type is sent")
    func template() async throws {
        let receiver = try HTTPReceiver()
        let sink = Self.sink(receiver) {
            $0.format = .template
            $0.template = "{{summary}}"
            $0.contentType = "text/plain"
        }
        #expect(try await Self.error(sink) == nil)
        #expect(receiver.requests.first?.header("Content-Type") == "text/plain")
        #expect(receiver.requests.first?.text == (try Samples.alert().summary))
    }

    @Test("S5 an answer of 400 with a reason is a dead letter that tells the reason")
    func permanent() async throws {
        let receiver = try HTTPReceiver(.init(400, body: "invalid_payload"))
        #expect(
            try await Self.error(Self.sink(receiver))
                == .permanent(because: "http://127.0.0.1:\(receiver.port) answered 400: invalid_payload")
        )
    }

    @Test("S5 a redirect is never followed: a POST would become a GET and be lost")
    func redirect() async throws {
        let receiver = try HTTPReceiver(.init(302, headers: ["Location": "/elsewhere"]))
        let error = try await Self.error(Self.sink(receiver))
        guard case .permanent? = error else {
            Issue.record("expected a dead letter, got \(String(describing: error))")
            return
        }
        #expect(receiver.requests.count == 1)
    }

    @Test("S5 401, 403 and 404 are tried again and raise an alarm", arguments: [401, 403, 404, 410])
    func alarming(status: Int) async throws {
        let receiver = try HTTPReceiver(.init(status))
        #expect(
            try await Self.error(Self.sink(receiver))
                == .transient(because: "http://127.0.0.1:\(receiver.port) answered \(status)", alarming: true)
        )
    }

    @Test("S5 Retry-After reaches the dispatcher")
    func retryAfter() async throws {
        let receiver = try HTTPReceiver(.init(429, headers: ["Retry-After": "17"]))
        guard case .transient(_, .seconds(17)?, alarming: false)? = try await Self.error(Self.sink(receiver)) else {
            Issue.record("the wait is missing")
            return
        }
    }

    @Test(
        "S5 a receiver that resets, hangs up, cuts its answer or talks nonsense is tried again",
        arguments: [
            HTTPReceiver.Answer(.reset), .init(.nothing), .init(.cut(after: 1), body: "xyz"),
            .init(.raw(Array("SSH-2.0".utf8))),
        ]
    )
    func broken(answer: HTTPReceiver.Answer) async throws {
        let receiver = try HTTPReceiver()
        receiver.always(answer)
        guard case .transient? = try await Self.error(Self.sink(receiver)) else {
            Issue.record("expected a transient error")
            return
        }
    }

    @Test("a slow receiver is given up after the timeout, a late 200 within it counts")
    func slow() async throws {
        let receiver = try HTTPReceiver(.init(.hang), .init(200, delay: .milliseconds(300)))
        let impatient = Self.sink(receiver) { $0.timeout = .seconds(2) }
        guard case .transient? = try await Self.error(impatient) else {
            Issue.record("expected a transient error")
            return
        }
        #expect(try await Self.error(Self.sink(receiver)) == nil)
    }

    @Test("a receiver that is down is tried again")
    func down() async throws {
        let receiver = try HTTPReceiver()
        let sink = Self.sink(receiver)
        receiver.stop()
        guard case .transient(let because, nil, alarming: false)? = try await Self.error(sink) else {
            Issue.record("expected a transient error")
            return
        }
        #expect(because.hasPrefix("http://127.0.0.1:\(receiver.port): "))
        try await receiver.start()
        #expect(try await Self.error(sink) == nil)
    }

    @Test("an endless answer costs no memory and counts by its status")
    func large() async throws {
        let receiver = try HTTPReceiver(.init(500, body: String(repeating: "x", count: 3_000_000)))
        guard case .transient(let because, _, _)? = try await Self.error(Self.sink(receiver)) else {
            Issue.record("expected a transient error")
            return
        }
        #expect(because.utf8.count < 300)
    }

    @Test("a batch made for another format is told whole, a key for each request")
    func keys() async throws {
        let receiver = try HTTPReceiver()
        let sink = Self.sink(receiver, path: "/topic") { $0.format = .ntfy }
        let delivery = try Samples.delivery([Samples.alert(), Samples.resolved()])
        try await sink.deliver(delivery)
        #expect(receiver.requests.map { $0.header("Idempotency-Key") } == ["\(delivery.id)-1", "\(delivery.id)-2"])
    }

    @Test("the proxy of the settings is used")
    func proxy() async throws {
        let receiver = try HTTPReceiver()
        let proxy = try HTTPReceiver()
        let sink = Self.sink(receiver) { $0.proxy = Secret("http://127.0.0.1:\(proxy.port)") }
        #expect(try await Self.error(sink) == nil)
        #expect(proxy.requests.count == 1)
        #expect(receiver.requests.isEmpty)
    }

    @Test("authority and client certificate are shown to the server; without them the operator is alarmed")
    func certificates() async throws {
        let server = try await TLSServer()
        func error(_ change: (inout WebhookSettings) -> Void) async throws -> DeliveryError? {
            var settings = WebhookSettings()
            settings.url = HTTPAddress(server.url)
            settings.timeout = .seconds(10)
            change(&settings)
            return try await Self.error(
                WebhookSink(settings, tools: SinkTools(curl: CurlLoop(), time: Self.time, version: "1"))
            )
        }
        guard case .transient(let because, nil, alarming: true)? = try await error({ _ in }) else {
            Issue.record("an unknown authority is accepted")
            return
        }
        #expect(because.contains("TLS failed"))
        let trusted = try await error {
            $0.caFile = try? Path(setting: server.folder + "/ca.pem")
            $0.certFile = try? Path(setting: server.folder + "/cert.pem")
            $0.keyFile = try? Path(setting: server.folder + "/key.pem")
        }
        // openssl's server answers GET only: with the handshake done, the POST waits in vain or is cut.
        #expect(trusted?.because.contains("TLS failed") == false)
    }

    @Test("the queue's rules follow format and settings")
    func policy() {
        func policy(_ change: (inout WebhookSettings) -> Void) -> DeliveryPolicy {
            var settings = WebhookSettings()
            change(&settings)
            return WebhookSink(settings, tools: SinkTools(curl: CurlLoop(), time: Self.time, version: "1")).policy
        }
        let native = policy { _ in }
        #expect(native.batchMax == 100 && native.maxPerMinute == 60 && native.replaysBacklog)
        #expect(native.maxAge == .seconds(72 * 3600))
        #expect(policy { $0.format = .ntfy }.batchMax == 1)
        #expect(policy { $0.batchMax = 3 }.batchMax == 3)
        #expect(policy { $0.format = .alertmanager }.maxPerMinute == nil)
        #expect(policy { $0.format = .alertmanagerAPI }.maxPerMinute == nil)
    }
}
