import Basics
import Settings
import Testing

@testable import Sinks

@Suite("Webhook settings")
struct WebhookSettingsTests {
    private static func faults(_ change: (inout WebhookSettings) -> Void) -> [String] {
        var settings = WebhookSettings()
        settings.url = HTTPAddress("https://example.org/topic")
        change(&settings)
        return settings.faults.map { "\($0.key): \($0.message)" }
    }

    @Test("an address is all it takes")
    func minimal() {
        #expect(Self.faults { _ in } == [])
        for format in WebhookFormat.allCases where format != .template {
            #expect(Self.faults { $0.format = format } == [])
        }
    }

    @Test("what does not go together is refused, and says what to do")
    func faults() {
        #expect(Self.faults { $0.url = nil } == ["url: the address is missing"])
        #expect(
            Self.faults {
                $0.url = HTTPAddress("https://ntfy.sh")
                $0.format = .ntfy
            } == ["url: an ntfy address ends in its topic, as in https://ntfy.sh/topic"]
        )
        #expect(Self.faults { $0.format = .template } == ["template: format template needs a template"])
        #expect(Self.faults { $0.template = "{}" } == ["template: the template is used only with format: template"])
        #expect(
            Self.faults {
                $0.format = .template
                $0.template = #"{"text": "{{sumary}}"}"#
            } == ["template: unknown field `sumary`; did you mean `summary`?"]
        )
        #expect(Self.faults { $0.password = Secret("p") } == ["user: a password needs a user"])
        #expect(
            Self.faults {
                $0.bearer = Secret("b")
                $0.user = "u"
            } == ["bearer: give either bearer or user and password"]
        )
        #expect(Self.faults { $0.keyFile = "/k" } == ["cert_file: a key needs its certificate"])
    }

    @Test("neither print nor dump shows what is secret in them")
    func hidden() {
        var settings = WebhookSettings()
        settings.url = HTTPAddress("https://u:p@example.org/services/T0KEN?key=K3Y")
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(
            "\(settings) \(String(reflecting: settings))" == "webhook https://example.org webhook https://example.org"
        )
        #expect(!dumped.contains("T0KEN") && !dumped.contains("K3Y"))
    }

    @Test(
        "a header cannot smuggle another one in, and its value is not shown",
        arguments: ["a\r\nX: y", "a\nb", "\u{0}"]
    )
    func headers(value: String) {
        #expect(
            Self.faults { $0.headers = ["X-Team": Secret(value)] }
                == ["headers: `X-Team` is not a header's name, or its value has a line break"]
        )
        #expect(Self.faults { $0.headers = ["X Team:": Secret("ok")] }.count == 1)
    }
}
