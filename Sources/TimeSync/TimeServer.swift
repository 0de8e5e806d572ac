/// A time server to ask.
package struct TimeServer: Sendable, Hashable {
    /// A name or an address, without brackets.
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16 = 123) {
        self.host = host
        self.port = port
    }
}
