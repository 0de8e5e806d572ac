import Basics
import Procfs
import Synchronization

/// Names the processes that hold sockets, as far as they are visible.
///
/// Looking costs a system call for each descriptor of the machine, so it is done again only when half of the sockets are
/// others than the last time.
final class SocketHolders: Sendable {
    private let known = Mutex<(inodes: Set<UInt64>, text: String)?>(nil)

    /// Those that hold most come first, by name, number and how many they hold; nil where there is nobody to name.
    func text(of inodes: Set<UInt64>, _ host: Host) -> String? {
        guard !inodes.isEmpty else { return nil }
        if let known = known.withLock(\.self), known.inodes.intersection(inodes).count * 2 >= inodes.count {
            return known.text
        }
        let found = host.owners(ofSockets: inodes)
        guard !found.owners.isEmpty || found.hidden > 0 else { return nil }
        let list = found.owners.prefix(5).map { "\($0.name) (\($0.pid)): \($0.count)" }
        let isAll = found.hidden == 0 || found.owners.reduce(0) { $0.addingClamped($1.count) } >= inodes.count
        let text =
            list.isEmpty
            ? "not visible: needs root or CAP_SYS_PTRACE"
            : list.joined(separator: ", ") + (isAll ? "" : ", others are not visible")
        known.withLock { $0 = (inodes, text) }
        return text
    }
}
