extension Host {
    /// The content of a time zone's file as the host's tzdata has it.
    ///
    /// The name is checked already: `Europe/Berlin`.
    ///
    /// - Throws: `HostFileError`; `.absent` where the host has no such zone, or its root is not mounted.
    package func zoneFile(_ name: String) throws(HostFileError) -> [UInt8] {
        try bytes(of: HostPath(.root, "usr/share/zoneinfo/\(name)"))
    }
}
