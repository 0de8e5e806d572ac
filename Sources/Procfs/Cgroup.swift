import Glibc

/// The control group of one container: where its files are, below the host's sysfs as a rule.
///
/// Of the first version one folder for each controller, of the second one for all; where both are mounted, the controllers
/// are the first's, and the second knows the pressure.
package struct Cgroup: Sendable, Equatable {
    /// By controller, of the first version.
    var folders: [CgroupMembership.Controller: HostPath] = [:]
    /// Of the second version.
    var unified: HostPath?

    /// Whether nothing can be read of it.
    package var isEmpty: Bool { folders.isEmpty && unified == nil }

    /// A controller's file by its names in both versions; nil where the group has neither.
    func file(_ controller: CgroupMembership.Controller, first: StaticString, second: StaticString) -> HostPath? {
        if let folder = folders[controller] { return folder.appending("\(first)") }
        // Where the first version has any controller, the second's group is another kind of place.
        return folders.isEmpty ? unified?.appending("\(second)") : nil
    }
}

extension HostPath {
    func appending(_ name: String) -> HostPath { HostPath(tree, relative.isEmpty ? name : "\(relative)/\(name)") }
}

extension Host {
    /// The group of the container with this id, of which the process is a part; nil where it has none of its own.
    ///
    /// - Throws: `HostFileError` where the process has ended, or may not be looked at.
    package func cgroup(ofContainer id: String, process: Int32) throws(HostFileError) -> Cgroup? {
        let path = HostPath(.proc, "\(process)/\(ProcessFile.cgroup.rawValue)")
        let membership = CgroupMembership(parsing: try bytes(of: path))
        var group = Cgroup()
        for (controller, place) in membership.places {
            guard let place = place.container(id) else { continue }
            group.folders[controller] = folder(of: place, below: [controller.rawValue, place.hierarchy])
        }
        if let place = membership.unified?.container(id) {
            group.unified = folder(of: place, below: hasUnifiedTreeOnly ? [""] : ["unified"])
        }
        return group.isEmpty ? nil : group
    }

    /// Whether any control group can be seen: the tree is mounted.
    package var showsCgroups: Bool {
        hasUnifiedTreeOnly || [CgroupMembership.Controller.memory, .pids].contains { exists(Self.tree($0.rawValue)) }
    }

    private var hasUnifiedTreeOnly: Bool { exists(Self.tree("").appending("cgroup.controllers")) }

    /// Where a hierarchy is mounted as a rule; the second version alone has no folder of its own.
    static func tree(_ hierarchy: String) -> HostPath {
        HostPath(.sys, hierarchy.isEmpty ? "fs/cgroup" : "fs/cgroup/\(hierarchy)")
    }

    // MARK: - Finding a folder

    private func folder(of place: CgroupMembership.Place, below hierarchies: [String]) -> HostPath? {
        for hierarchy in hierarchies {
            let tree = Self.tree(hierarchy)
            if place.ups > 0 {
                if let found = search(place, below: tree) { return found }
            } else {
                let path = tree.appending(place.names.joined(separator: "/"))
                if exists(path) { return path }
            }
        }
        return place.ups == 0 ? mounted(place, hierarchies) : nil
    }

    /// As the host's mounts say: somewhere else, or only a part of the hierarchy, where the host is a container itself.
    private func mounted(_ place: CgroupMembership.Place, _ hierarchies: [String]) -> HostPath? {
        guard let mounts = try? mountInfo().mounts else { return nil }
        for mount in mounts.reversed() where mount.type == "cgroup" || mount.type == "cgroup2" {
            let name = mount.point.split(separator: "/").last.map(String.init) ?? ""
            guard mount.type == "cgroup2" ? place.hierarchy.isEmpty : hierarchies.contains(name) else { continue }
            let shown = mount.folder == "/" ? place : place.below(mount.folder)
            let root =
                mount.point.hasPrefix("/sys/")
                ? HostPath(.sys, String(mount.point.dropFirst(5)))
                : HostPath(.root, String(mount.point.dropFirst()))
            guard let shown else { continue }
            let path = root.appending(shown.names.joined(separator: "/"))
            if exists(path) { return path }
        }
        return nil
    }

    /// Looks for a folder whose path begins above our own namespace's root, whose names nobody tells us.
    ///
    /// The id in it makes it the only one. What was above it is remembered: the next is mostly in the same place.
    private func search(_ place: CgroupMembership.Place, below tree: HostPath) -> HostPath? {
        let rest = place.names.joined(separator: "/")
        let key = "\(tree.relative) \(place.ups)"
        if let known = memory.cgroupFolder(key) {
            let path = known.appending(rest)
            if exists(path) { return path }
        }
        var folders = [tree]
        var looks = 0
        // Kubernetes' groups begin four levels below the root.
        for _ in 0...4 {
            for folder in folders {
                let path = folder.appending(rest)
                looks += 1
                if exists(path) {
                    memory.keep(cgroupFolder: folder, as: key)
                    return path
                }
                guard looks < Self.mostLooks else { return nil }
            }
            folders = folders.flatMap { below($0) }
            guard !folders.isEmpty, folders.count < Self.mostLooks else { return nil }
        }
        return nil
    }

    private static let mostLooks = 4096

    /// The groups directly below one.
    func below(_ folder: HostPath) -> [HostPath] {
        guard let listing = opendir(location(of: folder)) else { return [] }
        defer { closedir(listing) }
        var found: [HostPath] = []
        while found.count < Self.mostLooks, let entry = readdir(listing) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { found.append(folder.appending(name)) }
        }
        return found
    }

    func exists(_ path: HostPath) -> Bool { root(of: path.tree) != nil && access(location(of: path), F_OK) == 0 }
}
