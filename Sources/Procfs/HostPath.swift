/// A file of the host, named relative to the tree it lives in; only this module can spell one.
package struct HostPath: Hashable, Sendable, CustomStringConvertible {
    /// The trees of `HostRoots`.
    package enum Tree: String, Hashable, Sendable {
        case proc, sys, root, run
    }

    package let tree: Tree
    /// Without a leading slash: `1/net/netstat`.
    package let relative: String

    init(_ tree: Tree, _ relative: String) {
        self.tree = tree
        self.relative = relative
    }

    /// As the reference names it, whatever is mounted where: `<proc>/1/net/netstat`.
    package var description: String { "<\(tree.rawValue)>/\(relative)" }

    /// A file of one network namespace; never `<proc>/net`, which is the reader's own.
    static func network(_ namespace: NetworkNamespace, _ file: String) -> HostPath {
        HostPath(.proc, "\(namespace.pid)/net/\(file)")
    }
}

/// Whose network namespace a reading is taken from.
package enum NetworkNamespace: Hashable, Sendable {
    /// The machine's own: process 1's.
    case host
    /// The one that a process lives in; its number as the host counts, which is what an engine's inspect shows.
    case process(Int32)

    var pid: Int32 {
        switch self {
        case .host: 1
        case .process(let pid): pid
        }
    }
}
