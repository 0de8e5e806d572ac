import Testing

@testable import TimeSync

@Suite struct TimeServerTests {
    @Test(
        "an address needs no name server",
        arguments: [
            ("192.0.2.1", true), ("2001:db8::1", true), ("fe80::1%eth0", true), ("192.0.2.1%eth0", false),
            ("pool.ntp.org", false), ("1.2.3", false), ("", false),
        ]
    )
    func addresses(host: String, isAddress: Bool) {
        #expect(TimeServer(host: host).isAddress == isAddress)
    }
}
