import Testing

@testable import Netlink

@Suite struct EndpointTests {
    @Test("addresses are written as people do; IPv4 within IPv6 is IPv4")
    func text() {
        let loopback = UInt32(0x7F00_0001).bigEndian
        let plain = Endpoint(.ipv4, words: (loopback, 0, 0, 0), port: 443)
        #expect("\(plain)" == "127.0.0.1:443")
        let mapped = Endpoint(.ipv6, words: (0, 0, UInt32(0xFFFF).bigEndian, loopback), port: 443)
        #expect(mapped == plain)
        let words = (UInt32(0x2001_0DB8).bigEndian, UInt32(0), UInt32(0), UInt32(1).bigEndian)
        #expect("\(Endpoint(.ipv6, words: words, port: 80))" == "[2001:db8::1]:80")
        #expect("\(Endpoint(.ipv6, words: (0, 0, 0, 0), port: 22))" == "[::]:22")
    }
}
