import Settings
import Testing

@Suite struct EndpointTests {
    @Test(
        "a host has a port or none",
        arguments: [
            ("ntp.example.org", "ntp.example.org", nil), ("192.0.2.1:1123", "192.0.2.1", 1123),
            ("[2001:db8::1]", "2001:db8::1", nil), ("[::1]:123", "::1", 123),
        ] as [(String, String, Int?)]
    )
    func values(text: String, host: String, port: Int?) throws {
        let endpoint = try Endpoint(setting: text)
        #expect(endpoint.host == host)
        #expect(endpoint.port == port)
        #expect(endpoint.settingText == text)
    }

    @Test("anything else is refused", arguments: ["", ":123", "a:0", "a:b", "a:70000", "::1", "a b", "[1.2.3.4]"])
    func mistakes(text: String) {
        #expect(throws: Mismatch.self) { try Endpoint(setting: text) }
    }
}
