package import Alerting
package import Basics
import Curl
package import Settings

/// Tells a dead man's switch that this watchdog lives: when the pings stop, somebody outside raises the alarm.
package struct HeartbeatPing: Sendable {
    /// How the switch is called.
    package enum Method: String, SettingChoice {
        case get, head, post, put
    }

    package struct Settings: SettingsGroup, Equatable {
        package var url: HTTPAddress?
        package var every = Duration.seconds(60)
        package var method = Method.get
        package var headers: [String: Secret] = [:]
        package var bearer: Secret?
        package var timeout = Duration.seconds(10)

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field(
                    "url",
                    \.url,
                    "The address to call while all is well; nothing is called without it.",
                    secret: true
                )
                Field("every", \.every, "How often it is called.", in: .seconds(5)...(.seconds(86_400)))
                Field("method", \.method, "How it is called; post and put carry the heartbeat event as JSON.")
                Field("headers", \.headers, "Header fields to send along.")
                Field("bearer", \.bearer, "The token for bearer authentication.")
                Field("timeout", \.timeout, "How long one call may take.", in: .milliseconds(100)...(.seconds(60)))
            }
        }
    }

    /// `heartbeat` in the configuration.
    package static var section: Section<Settings, NoSettings> {
        Section("heartbeat", Settings.self, summary: "Calls a dead man's switch while the watchdog works.")
    }

    private let settings: Settings
    private let url: HTTPAddress
    private let tools: SinkTools
    private let redaction: Redaction

    /// Nil when no address is set.
    package init?(_ settings: Settings, tools: SinkTools) {
        guard let url = settings.url else { return nil }
        self.settings = settings
        self.url = url
        self.tools = tools
        let secrets = settings.headers.values.map { $0.reveal() } + [settings.bearer?.reveal()].compactMap(\.self)
        redaction = Redaction(Redaction.parts(of: url.text) + secrets)
    }

    /// Time between two pings.
    package var every: Duration { settings.every }

    /// One ping; a lost one is not repeated, the next follows soon.
    ///
    /// - Throws: `DeliveryError`; its text never holds a secret.
    package func send(_ event: Event) async throws(DeliveryError) {
        let response: HTTPResponse
        let request = request(event)
        do throws(HTTPError) {
            response = try await tools.curl.send(request)
        } catch {
            throw error.verdict(redaction)
        }
        let error = HTTPVerdict.judge(
            status: response.status,
            retryAfter: nil,
            from: request.place,
            said: redaction.excerpt(of: response.body),
            at: tools.time.now
        )
        if let error { throw error }
    }

    private func request(_ event: Event) -> HTTPRequest {
        let method: HTTPRequest.Method =
            switch settings.method {
            case .get: .get
            case .head: .head
            case .post: .post
            case .put: .put
            }
        var request = HTTPRequest(method, url.text)
        request.headers = settings.headers.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
        if method == .post || method == .put {
            request.headers.append(.init("Content-Type", "application/json"))
            request.body = event.json().utf8
        }
        request.authorization = settings.bearer.map { .bearer($0) }
        request.userAgent = tools.userAgent
        request.timeout = settings.timeout
        request.bodyLimit = 4096
        request.truncatesBody = true
        return request
    }
}

extension HeartbeatPing: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Scheme and host only: a path or a query may be a token.
    package var description: String { "heartbeat \(url.origin)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension HeartbeatPing.Settings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Scheme and host only: a path or a query may be a token.
    package var description: String { "heartbeat \(url?.origin ?? "without an address")" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
