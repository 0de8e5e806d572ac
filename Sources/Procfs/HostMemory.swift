import Synchronization

/// What a `Host` need not find out anew at every look.
final class HostMemory: Sendable {
    private struct State {
        var scope: HostScope?
        var cgroupFolders: [String: HostPath] = [:]
    }

    private let state = Mutex(State())
    private let mountMemory = Mutex(MountMemory())

    /// Whose processes the procfs shows.
    ///
    /// That is settled when it is mounted; what could not be told is asked again.
    func scope(_ find: () -> HostScope) -> HostScope {
        if let known = state.withLock(\.scope) { return known }
        let found = find()
        if found != .unknown { state.withLock { $0.scope = found } }
        return found
    }

    /// What is mounted, by one reader at a time: the kernel tells of each change once.
    ///
    /// `location` is that of the file if it is the kernel's, which tells of changes; else nil.
    func mounts(
        watching location: String?,
        read: (_ atLeast: Int?) throws(HostFileError) -> [UInt8],
        parse: ([UInt8]) throws(HostFileError) -> MountInfo
    ) throws(HostFileError) -> MountInfo {
        try mountMemory.withLock { memory throws(HostFileError) in
            let mayDiffer = location.map { memory.mayDiffer(at: $0) } ?? true
            return try memory.mounts(mayDiffer: mayDiffer, read: read, parse: parse)
        }
    }

    /// Where the control groups of others were found last that begin so far above our own.
    func cgroupFolder(_ key: String) -> HostPath? { state.withLock { $0.cgroupFolders[key] } }

    func keep(cgroupFolder folder: HostPath, as key: String) { state.withLock { $0.cgroupFolders[key] = folder } }
}
