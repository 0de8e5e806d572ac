import Basics
import Testing

@testable import Alerting

struct FingerprintTests {
    @Test(
        "SHA-256 gives the standard's own examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1000),
                "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
            ),
        ]
    )
    func standard(text: String, hex: String) {
        let digest = SHA256.digest(of: Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        #expect(digest.joined() == hex)
    }

    @Test("S3 the fingerprint never changes once released")
    func stable() {
        #expect(Sample.id().fingerprint == "a0b655ac0e245d5e")
        let labelled = AlertID(
            check: CheckID("http", instance: "grafana"),
            measure: "http_reachable",
            target: Target("a", identity: ["port": "443", "family": "ipv6"])
        )
        #expect(labelled.fingerprint == "48bb4f487e70be1c")
    }

    @Test("S3 texts are length-prefixed: moving a border gives another fingerprint")
    func borders() {
        let ids = [("ab", "c"), ("a", "bc"), ("abc", ""), ("", "abc")].map {
            AlertID(check: CheckID("disk"), measure: $0.0, target: Target($0.1))
        }
        #expect(Set(ids.map(\.fingerprint)).count == 4)
        let identities = [["a": "b"], ["ab": ""], ["": "ab"], [:]].map {
            AlertID(check: CheckID("disk"), measure: "m", target: Target("t", identity: $0))
        }
        #expect(Set(identities.map(\.fingerprint)).count == 4)
    }
}
