import Glibc

/// A time server to ask.
package struct TimeServer: Sendable, Hashable {
    /// A name or an address, without brackets.
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16 = 123) {
        self.host = host
        self.port = port
    }

    /// Whether `host` is an address, so that no name server is asked.
    package var isAddress: Bool {
        var bytes = in6_addr()
        // An IPv6 address may name an interface behind a percent sign.
        let address = host.prefix { $0 != "%" }
        return inet_pton(AF_INET, host, &bytes) == 1 || inet_pton(AF_INET6, String(address), &bytes) == 1
    }
}
