/// The control groups of one process, of the controllers that matter here: `<pid>/cgroup`.
///
/// Document: cgroups(7). A line for each hierarchy: number, controllers, path; the second version's has the number 0 and no
/// controllers. Seen from a namespace of our own, paths out of it begin with `/..`.
/// ```
/// 4:cpu,cpuacct:/docker/0f3a…
/// 2:memory:/docker/0f3a…
/// 0::/system.slice/docker-0f3a….scope
/// ```
struct CgroupMembership: Sendable, Equatable {
    /// A hierarchy of its own in the first version.
    enum Controller: String, Sendable, CaseIterable {
        case cpu, cpuacct, memory, pids
    }

    /// A path in one hierarchy.
    struct Place: Sendable, Equatable {
        /// The controllers as the kernel joins them, which is what the hierarchy's folder is called where it has several.
        var hierarchy: String
        /// How many levels above our own namespace's root it begins.
        var ups: Int
        /// The names from there on.
        var names: [String]
    }

    /// By controller, of the first version.
    var places: [Controller: Place] = [:]
    /// Of the second version.
    var unified: Place?

    /// Deeper than any group of an engine; and a namespace may lie as deep.
    private static let deepest = 64

    init(parsing bytes: [UInt8]) {
        for line in bytes.prefix(1 << 16).split(separator: UInt8(ascii: "\n")).prefix(64) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let place = Self.place(parts[1], parts[2]) else { continue }
            if parts[1].isEmpty {
                if parts[0].spells("0") { unified = place }
                continue
            }
            for name in parts[1].split(separator: UInt8(ascii: ",")) {
                if let controller = Controller(rawValue: name.text) { places[controller] = place }
            }
        }
    }

    private static func place(_ controllers: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Place? {
        // A group that was removed under its last process has ` (deleted)` behind it, and no folder.
        guard path.first == UInt8(ascii: "/"), path.count < 4096, !path.ends(with: " (deleted)") else { return nil }
        var names = path.split(separator: UInt8(ascii: "/"))[...]
        var ups = 0
        while let first = names.first, first.spells("..") {
            ups += 1
            names = names.dropFirst()
        }
        // Nobody else's folder is reached by a name, whatever it is.
        guard ups + names.count <= deepest, !names.contains(where: { $0.spells("..") || $0.spells(".") }) else {
            return nil
        }
        return Place(hierarchy: controllers.text, ups: ups, names: names.map(\.text))
    }
}

extension CgroupMembership.Place {
    /// The group of a container as a whole: the path as far as the name that has the container's id in it.
    ///
    /// A container may have groups of its own below that, and its process lives in one of them. Nil where no name has the
    /// id: the group is not the container's alone.
    func container(_ id: String) -> Self? {
        guard id.utf8.count >= 12, let place = names.firstIndex(where: { $0.contains(id) }) else { return nil }
        return Self(hierarchy: hierarchy, ups: ups, names: Array(names[...place]))
    }

    /// The same below a mount that shows no more than a folder of the hierarchy; nil where it shows another part.
    func below(_ folder: String) -> Self? {
        let shown = folder.split(separator: "/").map(String.init)
        guard ups == 0, !shown.isEmpty, names.starts(with: shown) else { return nil }
        return Self(hierarchy: hierarchy, ups: 0, names: Array(names.dropFirst(shown.count)))
    }
}

extension ArraySlice<UInt8> {
    fileprivate func ends(with text: StaticString) -> Bool {
        suffix(text.utf8CodeUnitCount).spells(text)
    }
}
