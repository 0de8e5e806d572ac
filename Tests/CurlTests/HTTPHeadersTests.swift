import Curl
import Testing

struct HTTPHeadersTests {
    let headers = HTTPHeaders([.init("Retry-After", "5"), .init("Set-Cookie", "a"), .init("set-cookie", "b")])

    @Test("names compare without regard to case")
    func lookup() {
        #expect(headers["retry-after"] == "5")
        #expect(headers["RETRY-AFTER"] == "5")
        #expect(headers["retry"] == nil)
    }

    @Test("a repeated field keeps every value in order")
    func repeated() {
        #expect(headers.all("SET-COOKIE") == ["a", "b"])
        #expect(headers["Set-Cookie"] == "a")
    }
}
