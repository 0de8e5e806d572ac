extension Host {
    /// The container in which this very process runs, by its id or the beginning of it; nil where it runs in none, or nothing
    /// tells.
    ///
    /// An engine mounts the files of a container's name and name service from a folder that is named by the id; the control
    /// group is named so too, unless a namespace hides it; and where nobody chose a host name it is the id's beginning.
    package func ownContainer() -> String? {
        let given: Set = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"]
        let mounts = try? read(MountInfo.self, at: HostPath(.proc, "self/mountinfo"), limit: 4 << 20).mounts
        for mount in mounts ?? [] where given.contains(mount.point) {
            if let id = OOMKill.container(in: mount.folder) { return id }
        }
        let group = (try? bytes(of: HostPath(.proc, "self/cgroup"))).flatMap { FileUse.group(in: $0) }
        if let id = group.flatMap({ OOMKill.container(in: $0) }) { return id }
        // In a container it is the container's.
        let name = try? read(HostName.self, at: HostPath(.proc, "sys/kernel/hostname")).text
        guard let name, name.utf8.count == 12 else { return nil }
        return name.utf8.allSatisfy { $0.hexadecimalDigit != nil } ? name : nil
    }
}
