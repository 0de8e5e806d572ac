/// This build's version: in events, in the user agent, in `custos version`.
package enum Version {
    package static let current = "0.1.0"
}
