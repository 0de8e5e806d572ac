package import Basics

extension ProcessTable {
    /// Who holds most descriptors, of all processes.
    ///
    /// - Parameters:
    ///   - time: See `pass`.
    ///   - ratio: Share of its limit above which a process's limit must be as it is now, see `filesLimits`.
    /// - Returns: Their use; what we may not count is counted as hidden.
    /// - Throws: `HostFileError` as `pass` does. Processes that end meanwhile are skipped.
    package func fileUse(by time: any TimeSource, exactAbove ratio: Double) throws(HostFileError) -> FileUse {
        let pass = try pass(by: time)
        let places = Array(pass.processes.indices)
        let files = openFiles(of: pass, at: places)
        let limits = filesLimits(of: pass, at: places, open: files, exactAbove: ratio)
        var use = FileUse()
        var groups: [String: UInt64] = [:]
        for (process, (files, limit)) in zip(pass.processes, zip(files, limits)) {
            switch files {
            case .number(let count):
                use.counted += 1
                use.open += count
                if let limit { consider(process, count, limit, &use, &groups) }
            case .hidden: use.hidden += 1
            case .gone: break
            }
        }
        if let largest = groups.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
            use.largestGroup = FileUse.Group(path: largest.key, open: largest.value)
        }
        return use
    }

    /// Adds a process to its group where it holds many, and keeps it where it is nearest to its limit.
    private func consider(
        _ process: ProcessStat,
        _ count: UInt64,
        _ limit: Host.FilesLimit,
        _ use: inout FileUse,
        _ groups: inout [String: UInt64]
    ) {
        if count >= FileUse.floor, let group = host.controlGroup(of: process) { groups[group, default: 0] += count }
        if let fullest = use.fullest, fullest.ratio >= FileUse.ratio(count, of: limit.number) { return }
        use.fullest = FileUse.Process(pid: process.pid, name: process.name.text, open: count, limit: limit.number)
    }
}
