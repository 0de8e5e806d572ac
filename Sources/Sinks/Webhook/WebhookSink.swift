package import Alerting
import Basics
import Curl
package import Settings

/// Posts events to an address, in the form that its receiver understands.
package struct WebhookSink: Sink {
    package typealias Settings = WebhookSettings

    package static let kind = "webhook"
    package static let summary =
        "Posts events to an address: Slack, Discord, ntfy, Alertmanager's receivers or your own."
    package static let instances = Instances.both
    package static let runsByDefault = false

    private let settings: Settings
    private let tools: SinkTools
    private let url: String
    private let topic: String
    private let template: Template
    private let redaction: Redaction

    package init(_ settings: Settings, tools: SinkTools) {
        self.settings = settings
        self.tools = tools
        let ntfy = settings.format == .ntfy ? settings.url.flatMap { NtfyAddress($0) } : nil
        url = ntfy?.server ?? settings.url?.text ?? ""
        topic = ntfy?.topic ?? ""
        // Settings with a template that cannot be read were refused (`faults`); the whole event is what remains.
        template = (try? Template(settings.template, contentType: settings.contentType)) ?? .whole
        redaction = Redaction(settings.secrets)
    }

    package var policy: DeliveryPolicy {
        var policy = DeliveryPolicy()
        policy.batchMax = min(settings.batchMax ?? .max, settings.format.batchLimit)
        policy.maxPerMinute = settings.format.needsEveryChange ? nil : settings.maxPerMinute
        policy.maxAge = settings.maxAge
        return policy
    }

    package func deliver(_ delivery: Delivery) async throws(DeliveryError) {
        let payloads = settings.format.payloads(of: delivery, topic: topic, template: template)
        for (index, payload) in payloads.enumerated() {
            // A batch made for another format may need several requests; each keeps one key at every attempt.
            let key = payloads.count == 1 ? delivery.id.description : "\(delivery.id)-\(index + 1)"
            try await send(payload, key: key)
        }
    }

    private func send(_ payload: Payload, key: String) async throws(DeliveryError) {
        let request = request(payload, key: key)
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await tools.curl.send(request)
        } catch {
            throw error.verdict(redaction)
        }
        let error = HTTPVerdict.judge(
            status: response.status,
            retryAfter: response.headers["Retry-After"],
            from: request.place,
            said: redaction.excerpt(of: response.body),
            at: tools.time.now
        )
        if let error { throw error }
    }

    private func request(_ payload: Payload, key: String) -> HTTPRequest {
        var request = HTTPRequest(.post, url)
        request.body = payload.body
        request.userAgent = tools.userAgent
        request.timeout = settings.timeout
        request.connectTimeout = min(settings.timeout, request.connectTimeout)
        request.bodyLimit = 4096
        request.truncatesBody = true
        var fields: [HTTPRequest.Field] = [.init("Content-Type", payload.contentType)]
        fields.removeAll { own in settings.headers.keys.contains { $0.lowercased() == own.name.lowercased() } }
        fields += settings.headers.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
        fields.append(.init("Idempotency-Key", key))
        if let secret = settings.secret {
            fields.append(
                .init(Signature.header, Signature.value(body: payload.body, secret: secret, at: tools.time.now))
            )
        }
        request.headers = fields
        request.authorization = settings.authorization
        request.proxy = settings.proxy.map { .at($0) } ?? .environment
        request.tls.authorityFile = settings.caFile?.description
        request.tls.certificateFile = settings.certFile?.description
        request.tls.keyFile = settings.keyFile?.description
        return request
    }
}

extension WebhookSink: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Scheme and host only: a path or a query may be a token.
    package var description: String { "webhook \(settings.url?.origin ?? "without an address")" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension WebhookSettings {
    fileprivate var authorization: HTTPRequest.Authorization? {
        if let bearer { return .bearer(bearer) }
        return user.isEmpty ? nil : .basic(user: user, password: password ?? Secret(""))
    }

    /// Every text that no error may show.
    fileprivate var secrets: [String] {
        var secrets = [secret, password, bearer].compactMap { $0?.reveal() } + headers.values.map { $0.reveal() }
        secrets += [url?.text, proxy?.reveal()].compactMap(\.self).flatMap { Redaction.parts(of: $0) }
        // Header values often are `Bearer <token>`: the token alone is secret as well.
        secrets += secrets.flatMap { $0.split(separator: " ").dropFirst().map(String.init) }
        if let password { secrets.append("\(user):\(password.reveal())".base64) }
        return secrets
    }
}

extension HTTPError {
    /// No answer is always worth another attempt; what only the operator can mend asks for an alert.
    func verdict(_ redaction: Redaction) -> DeliveryError {
        let alarming =
            switch self {
            case .invalidRequest, .tls: true
            default: false
            }
        return .transient(because: redaction.masked(description), alarming: alarming)
    }
}
