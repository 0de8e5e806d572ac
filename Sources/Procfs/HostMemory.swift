import Synchronization

/// What a `Host` need not find out anew at every look.
final class HostMemory: Sendable {
    private struct State {
        var scope: HostScope?
        var mounts: (bytes: [UInt8], value: MountInfo)?
        var cgroupFolders: [String: HostPath] = [:]
    }

    private let state = Mutex(State())

    /// Whose processes the procfs shows.
    ///
    /// That is settled when it is mounted; what could not be told is asked again.
    func scope(_ find: () -> HostScope) -> HostScope {
        if let known = state.withLock(\.scope) { return known }
        let found = find()
        if found != .unknown { state.withLock { $0.scope = found } }
        return found
    }

    /// The same bytes say the same: mounts are hundreds beside as many containers, and seldom change.
    func mounts(
        _ bytes: [UInt8],
        parse: ([UInt8]) throws(HostFileError) -> MountInfo
    ) throws(HostFileError) -> MountInfo {
        if let known = state.withLock(\.mounts), known.bytes == bytes { return known.value }
        let value = try parse(bytes)
        state.withLock { $0.mounts = (bytes, value) }
        return value
    }

    /// Where the control groups of others were found last that begin so far above our own.
    func cgroupFolder(_ key: String) -> HostPath? { state.withLock { $0.cgroupFolders[key] } }

    func keep(cgroupFolder folder: HostPath, as key: String) { state.withLock { $0.cgroupFolders[key] = folder } }
}
