import Basics
import Testing

@testable import Sinks

@Suite("Signature")
struct SignatureTests {
    @Test("the signature is what `openssl dgst -sha256 -hmac` says of `t.body`")
    func known() {
        let value = Signature.value(
            body: Array(#"[{"a":1}]"#.utf8),
            secret: Secret("s3cret"),
            at: Timestamp(milliseconds: 1_700_000_000_999)
        )
        #expect(value == "t=1700000000,v1=716fa740652aadd0b58e3e5afeb9107ea23adfe5275da0f786ead23710e2c7f2")
    }

    @Test("another body, secret or second gives another signature")
    func differs() {
        func sign(_ body: String, _ secret: String, _ seconds: Int64) -> String {
            Signature.value(body: Array(body.utf8), secret: Secret(secret), at: Timestamp(milliseconds: seconds * 1000))
        }
        #expect(Set([sign("a", "k", 1), sign("b", "k", 1), sign("a", "l", 1), sign("a", "k", 2)]).count == 4)
    }
}
