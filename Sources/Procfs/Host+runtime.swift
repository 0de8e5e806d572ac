import Glibc

// Sockets of the host's services; whoever connects to one talks to the host, in whatever namespace.

extension Host {
    /// Where the host's D-Bus system bus listens.
    ///
    /// Documents: D-Bus Specification ("Well-known Message Bus Instances"), sd_booted(3).
    ///
    /// - Throws: `.absent`, without a hint where the host runs no systemd; with one where its runtime directory is not
    ///   mounted, or no bus runs.
    package func systemBusSocket() throws(HostFileError) -> String {
        if let socket = runtimeFile("dbus/system_bus_socket") { return socket }
        let socket = "\(runtimeFolders.first ?? "<run>")/dbus/system_bus_socket"
        // A runtime directory always has some of these; what was not mounted is an empty folder or none.
        let marks = ["lock", "mount", "udev", "utmp", "systemd"]
        guard marks.contains(where: { runtimeFile($0) != nil }) else {
            throw .absent(path: socket, hint: Self.hint(toMount: .run))
        }
        guard runtimeFile("systemd/system") != nil else { throw .absent(path: socket) }
        throw .absent(path: socket, hint: "install a system bus on the host, such as dbus-daemon or dbus-broker")
    }

    /// Where chronyd takes commands, if we may leave a socket for its answer beside it.
    ///
    /// It answers to our socket's path as we named it: its folder is of no use where we see it elsewhere, as below the
    /// host's root.
    ///
    /// - Parameter run: Where chronyd itself has its runtime directory.
    /// - Returns: The socket's path; nil where there is none, or none that we may use.
    package static func chronySocket(below run: String = "/run") -> String? {
        let folder = "\(run)/chrony"
        let socket = "\(folder)/chronyd.sock"
        return access(socket, F_OK) == 0 && access(folder, W_OK | X_OK) == 0 ? socket : nil
    }

    /// The host's runtime directory, by itself or below its root.
    private var runtimeFolders: [String] {
        [roots.run, roots.root.map { $0 == "/" ? "/run" : "\($0)/run" }].compactMap(\.self)
    }

    private func runtimeFile(_ name: String) -> String? {
        runtimeFolders.lazy.map { "\($0)/\(name)" }.first { access($0, F_OK) == 0 }
    }
}
