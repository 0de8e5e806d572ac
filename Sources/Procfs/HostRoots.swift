import Glibc

/// Where the host's file trees are mounted for us to read.
package struct HostRoots: Hashable, Sendable {
    /// The host's procfs.
    package var proc: String
    /// The host's sysfs.
    package var sys: String
    /// The host's root directory; nil where it is not mounted.
    package var root: String?
    /// The host's runtime directory; nil where it is not mounted.
    package var run: String?
    /// The kernel's log, which is the machine's wherever its device is; nil looks for it below the host's root.
    package var kernelLog: String?

    package init(proc: String, sys: String, root: String? = nil, run: String? = nil, kernelLog: String? = nil) {
        self.proc = Self.trimmed(proc)
        self.sys = Self.trimmed(sys)
        self.root = root.map(Self.trimmed)
        self.run = run.map(Self.trimmed)
        self.kernelLog = kernelLog
    }

    /// What `HOST_PROC`, `HOST_SYS`, `HOST_ROOT` and `HOST_RUN` say, else what lies below `/host`, else this machine's
    /// own trees.
    ///
    /// The own root and runtime directories are the host's only where the own procfs is: a container that mounts the
    /// host's procfs alone must not take its own `/etc/hostname` for the host's.
    package static func discover(environment: [String: String]) -> HostRoots {
        discover(environment: environment, isDirectory: isDirectory)
    }

    static func discover(environment: [String: String], isDirectory: (String) -> Bool) -> HostRoots {
        func given(_ key: String, _ conventional: String) -> String? {
            if let value = environment[key], !value.isEmpty { return value }
            return isDirectory(conventional) ? conventional : nil
        }
        let proc = given("HOST_PROC", "/host/proc")
        let own = proc == nil && isOwnHost(isDirectory)
        return HostRoots(
            proc: proc ?? "/proc",
            sys: given("HOST_SYS", "/host/sys") ?? "/sys",
            root: given("HOST_ROOT", "/host/root") ?? (own ? "/" : nil),
            run: given("HOST_RUN", "/host/run") ?? (own ? "/run" : nil),
            kernelLog: "/dev/kmsg"
        )
    }

    /// Whether the own procfs shows the machine's processes: process 2 is the kernel's own in the first PID namespace.
    private static func isOwnHost(_ isDirectory: (String) -> Bool) -> Bool {
        isDirectory("/proc/2") && Host(roots: HostRoots(proc: "/proc", sys: "/sys")).scope == .host
    }

    private static func isDirectory(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    private static func trimmed(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
