package import Basics
import Curl
package import Settings

extension WebhookFormat: SettingChoice {}

/// Where a webhook is and how it is spoken to.
package struct WebhookSettings: SettingsGroup, Equatable {
    package var url: HTTPAddress?
    package var format = WebhookFormat.native
    package var template = ""
    package var contentType = "application/json"
    package var secret: Secret?
    package var headers: [String: Secret] = [:]
    package var user = ""
    package var password: Secret?
    package var bearer: Secret?
    package var proxy: Secret?
    package var caFile: Path?
    package var certFile: Path?
    package var keyFile: Path?
    package var timeout = Duration.seconds(10)
    package var maxPerMinute: Int? = 60
    package var maxAge = Duration.seconds(72 * 3600)
    package var batchMax: Int?

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field("url", \.url, "The address that events are posted to.", secret: true)
            Field("format", \.format, "What the body looks like; native is the contract in event.schema.json.")
            Field("template", \.template, "The body for format template, with {{field}} where an event's fields go.")
            Field(
                "content_type",
                \.contentType,
                "The body's type for format template; it decides how fields are escaped."
            )
            Field("secret", \.secret, "Signs every request: HMAC-SHA256 in the header Custos-Signature.")
            Field("headers", \.headers, "Header fields to send along.")
            Field("user", \.user, "The user for basic authentication.")
            Field("password", \.password, "The password for basic authentication.")
            Field("bearer", \.bearer, "The token for bearer authentication.")
            Field("proxy", \.proxy, "The proxy's address instead of what HTTPS_PROXY and NO_PROXY say.")
            Field("ca_file", \.caFile, "A PEM file of authorities to trust instead of the system's.")
            Field("cert_file", \.certFile, "A PEM file with the client's certificate.")
            Field(
                "key_file",
                \.keyFile,
                "A PEM file with the client's key, if the certificate's file does not hold it."
            )
            Field("timeout", \.timeout, "How long one request may take.", in: .milliseconds(100)...(.seconds(300)))
            Field(
                "max_per_minute",
                \.maxPerMinute,
                "Events a minute before the rest becomes one digest a minute.",
                in: 1...
            )
            Field("max_age", \.maxAge, "Give an event up when it was not accepted for this long.", in: .seconds(60)...)
            Field(
                "batch_max",
                \.batchMax,
                "The most events in one request, within what the format allows; 1 where the receiver takes no batches.",
                in: 1...1000
            )
        }
    }

    package var faults: [Fault] {
        var faults: [Fault] = []
        if url == nil { faults.append(Fault("url", "the address is missing")) }
        if format == .ntfy, let url, NtfyAddress(url) == nil {
            faults.append(Fault("url", "an ntfy address ends in its topic, as in https://ntfy.sh/topic"))
        }
        if format == .template, template.isEmpty {
            faults.append(Fault("template", "format template needs a template"))
        }
        if format != .template, !template.isEmpty {
            faults.append(Fault("template", "the template is used only with format: template"))
        }
        do throws(Template.Problem) {
            if !template.isEmpty { _ = try Template(template, contentType: contentType) }
        } catch {
            faults.append(Fault("template", error.message))
        }
        if !isHeaderText(contentType) || contentType.isEmpty {
            faults.append(Fault("content_type", "not a media type"))
        }
        if bearer != nil, !user.isEmpty || password != nil {
            faults.append(Fault("bearer", "give either bearer or user and password"))
        }
        if password != nil, user.isEmpty { faults.append(Fault("user", "a password needs a user")) }
        if keyFile != nil, certFile == nil { faults.append(Fault("cert_file", "a key needs its certificate")) }
        for (name, value) in headers.sorted(by: { $0.key < $1.key })
        where !isToken(name) || !isHeaderText(value.reveal()) {
            faults.append(
                Fault("headers", "`\(name.safe(limit: 60))` is not a header's name, or its value has a line break")
            )
        }
        return faults
    }

    private func isHeaderText(_ text: String) -> Bool { text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 9 } }

    private func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Set("\"(),/:;<=>?@[\\]{}".utf8).contains($0) }
    }
}

extension WebhookSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Scheme and host only: a path or a query may be a token.
    package var description: String { "webhook \(url?.origin ?? "without an address")" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// An ntfy address taken apart: JSON is published to the server's root and names the topic inside.
struct NtfyAddress {
    var server: String
    var topic: String

    /// Nil where the path does not end in a topic's name.
    init?(_ url: HTTPAddress) {
        let path = url.resource.prefix { $0 != "?" && $0 != "#" }
        let words = path.split(separator: "/", omittingEmptySubsequences: true)
        guard let topic = words.last,
            topic.utf8.count <= 64, topic.utf8.allSatisfy({ Set(Self.allowed.utf8).contains($0) })
        else { return nil }
        self.topic = String(topic)
        // Credentials and a query (`?auth=…`) stay part of the address.
        let rest = url.resource[path.endIndex...]
        let base = words.dropLast().map { "/" + $0 }.joined() + "/"
        server = String(url.text.dropLast(url.resource.count)) + base + rest
    }

    private static let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
}
