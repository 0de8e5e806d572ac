package import Journal
package import Procfs

extension Configuration {
    /// Where the host's trees are: as configured, else as the environment says, else where they usually are mounted.
    package func hostRoots(_ environment: [String: String]) -> HostRoots { host.roots(environment) }
}

extension HostSettings {
    func roots(_ environment: [String: String]) -> HostRoots {
        var merged = environment
        for (name, value) in [("HOST_PROC", proc), ("HOST_SYS", sys), ("HOST_ROOT", root), ("HOST_RUN", run)] {
            if let value { merged[name] = value }
        }
        return HostRoots.discover(environment: merged)
    }
}

extension JournalSettings {
    /// Where the journal is kept.
    package var location: JournalLocation { path == "memory" ? .memory : .file(path) }
}
