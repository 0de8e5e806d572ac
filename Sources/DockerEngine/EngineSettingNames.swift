/// What the settings of one engine are called, for who has to change one.
package struct EngineSettingNames: Sendable, Equatable {
    /// Where the engine is.
    let host: String
    /// The folder of the PEM files.
    let certPath: String
    /// TLS, switched on.
    let tlsVerify: String

    /// Nil is the engine without a name, for which the docker command's own variables count.
    package init(instance: String? = nil) {
        guard let instance else {
            (host, certPath, tlsVerify) = ("DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY=1")
            return
        }
        let section = "docker.\(instance)"
        (host, certPath, tlsVerify) = ("\(section).host", "\(section).cert_path", "\(section).tls_verify")
    }
}
