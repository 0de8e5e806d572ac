extension MountInfo {
    /// The filesystems among the mounts that `include` lets through, each once, in the order of their names.
    ///
    /// A filesystem is known by the mount of its root folder, else by the one with the fewest folders in its path: bind
    /// mounts lie deeper. A mount that another one was put over is not there.
    package func fileSystems(where include: (Mount) -> Bool) -> [FileSystem] {
        var last: [String: Int] = [:]
        for (index, mount) in mounts.enumerated() { last[mount.point] = index }
        var groups: [String: [Mount]] = [:]
        for (index, mount) in mounts.enumerated() where last[mount.point] == index && include(mount) {
            groups[mount.device, default: []].append(mount)
        }
        return groups.values.compactMap(Self.fileSystem).sorted { $0.name < $1.name }
    }

    /// The mount on which a path of the host lies.
    package func mount(holding path: String) -> Mount? {
        var nearest: Mount?
        // What was mounted over another mount comes after it.
        for mount in mounts where mount.holds(path) && mount.point.utf8.count >= nearest?.point.utf8.count ?? 0 {
            nearest = mount
        }
        return nearest
    }

    private static func fileSystem(_ mounts: [Mount]) -> FileSystem? {
        let ranked = mounts.map { (mount: $0, depth: $0.depth) }.sorted { left, right in
            let (mine, other) = (left.mount, right.mount)
            if (mine.folder == "/") != (other.folder == "/") { return mine.folder == "/" }
            if left.depth != right.depth { return left.depth < right.depth }
            return mine.point < other.point
        }
        guard let first = ranked.first?.mount else { return nil }
        return FileSystem(
            device: first.device,
            type: first.type,
            origin: first.origin,
            points: ranked.map(\.mount.point),
            access: access(mounts)
        )
    }

    private static func access(_ mounts: [Mount]) -> FileSystem.Access {
        if mounts.contains(where: { $0.isShutDown || $0.isFilesystemReadOnly && !$0.isReadOnly }) { return .error }
        return mounts.contains(where: \.isFilesystemReadOnly) ? .readOnly : .writable
    }
}

extension MountInfo.Mount {
    /// Whether the path is its point or lies below.
    fileprivate func holds(_ path: String) -> Bool {
        guard point != "/", path.hasPrefix(point) else { return point == "/" }
        let rest = path.utf8.dropFirst(point.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }

    /// How many folders its path has.
    fileprivate var depth: Int { point == "/" ? 0 : point.utf8.count { $0 == UInt8(ascii: "/") } }
}
