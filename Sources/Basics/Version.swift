/// This build's version: in events, in the user agent, in `custos version`.
package enum Version {
    package static let current = "0.1.0"

    /// When this version was made, as the manual page shows it (`mdoc(7)`).
    package static let date = "November 21, 2026"
}
