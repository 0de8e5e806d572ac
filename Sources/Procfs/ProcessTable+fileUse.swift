import Basics

extension ProcessTable {
    /// Who holds most descriptors, of all processes; what we may not count is counted as hidden.
    ///
    /// - Throws: `HostFileError` as `pass` does. Processes that end meanwhile are skipped.
    package func fileUse(at uptime: Duration) throws(HostFileError) -> FileUse {
        let pass = try pass(at: uptime)
        var use = FileUse()
        var groups: [String: UInt64] = [:]
        for (process, files) in zip(pass.processes, openFiles(of: pass, at: Array(pass.processes.indices))) {
            switch files {
            case .number(let count):
                use.counted += 1
                use.open += count
                if count >= FileUse.floor || use.fullest == nil { consider(process, count, &use, &groups) }
            case .hidden: use.hidden += 1
            case .gone: break
            }
        }
        if let largest = groups.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
            use.largestGroup = FileUse.Group(path: largest.key, open: largest.value)
        }
        return use
    }

    /// Looks closer at a process that holds many.
    private func consider(
        _ process: ProcessStat,
        _ count: UInt64,
        _ use: inout FileUse,
        _ groups: inout [String: UInt64]
    ) {
        guard let limit = host.openFilesLimit(of: process) else { return }
        if let group = host.controlGroup(of: process) { groups[group, default: 0] += count }
        let found = FileUse.Process(pid: process.pid, name: process.name.text, open: count, limit: limit.number)
        if let fullest = use.fullest, fullest.ratio >= found.ratio { return }
        use.fullest = found
    }
}
