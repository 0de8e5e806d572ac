import Glibc

/// What is mounted, read anew only as far as it may have changed.
///
/// The kernel writes `mountinfo` from scratch for each reader, and beside hundreds of containers most of it is about them.
/// No error changes their filesystems; a mount does, and of those the kernel tells (`MountWatch`).
struct MountMemory: Sendable {
    private var watch: MountWatch?
    private var bytes: [UInt8] = []
    private var known: MountInfo?
    private var asked = 0

    /// Whether the kernel tells of a mount since this was asked last, or cannot be relied on.
    ///
    /// Every tenth time it is not: for a filesystem of a container whose options were changed elsewhere, for a kernel that
    /// tells nothing, and since process 1 may have other mounts by now.
    mutating func mayDiffer(at path: String) -> Bool {
        asked += 1
        if let watch, !asked.isMultiple(of: 10) { return watch.hasChanged() }
        watch = MountWatch(path)
        return true
    }

    /// What is mounted; of the same edition as long as no change is seen.
    ///
    /// `read` gives all of the file, or the beginning of it that has at least so many bytes.
    mutating func mounts(
        mayDiffer: Bool,
        read: (_ atLeast: Int?) throws(HostFileError) -> [UInt8],
        parse: ([UInt8]) throws(HostFileError) -> MountInfo
    ) throws(HostFileError) -> MountInfo {
        if let known, !mayDiffer {
            if try read(known.lively).prefix(known.lively) == bytes.prefix(known.lively) { return known }
        }
        let former = known
        // What was told once is told no more: a look that fails here begins anew.
        known = nil
        let all = try read(nil)
        if let former, all == bytes {
            known = former
            return former
        }
        let mounts = try parse(all)
        (bytes, known) = (all, mounts)
        return mounts
    }
}

/// Says whether what is mounted for process 1 has changed, through a descriptor that stays open.
///
/// Document: proc_pid_mounts(5), which holds for `mountinfo`, too: poll(2) says so with POLLPRI.
private final class MountWatch: Sendable {
    private let file: Int32

    /// Nil where the file cannot be opened.
    init?(_ path: String) {
        file = FileReader.open(path, below: nil)
        guard file >= 0 else { return nil }
    }

    deinit { close(file) }

    /// Whether anything was mounted, unmounted or mounted with other options since this was asked last.
    func hasChanged() -> Bool {
        var question = pollfd(fd: file, events: Int16(POLLPRI), revents: 0)
        return poll(&question, 1, 0) != 0
    }
}
