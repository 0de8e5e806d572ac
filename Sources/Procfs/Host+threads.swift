import Glibc

extension Host {
    /// The threads, of processes that have several, that wait and cannot be interrupted; first threads are left out.
    ///
    /// Opens a file of every thread: ask when there is cause.
    package func blockedThreads(of pass: ProcessPass) -> [ProcessStat] {
        let directory = open(roots.proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return [] }
        defer { close(directory) }
        var found: [ProcessStat] = []
        var folder = ProcessPath(.task)
        var file = ProcessPath(.stat)
        var buffer = [UInt8](repeating: 0, count: 2048)
        for process in pass.processes where process.threads > 1 {
            let tasks = folder.with(process.pid) { openat(directory, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            guard tasks >= 0 else { continue }
            guard let listing = fdopendir(tasks) else {
                close(tasks)
                continue
            }
            defer { closedir(listing) }
            while let entry = readdir(listing) {
                guard let thread = ProcessPath.number(&entry.pointee), thread != process.pid else { continue }
                let count = file.with(thread) { Self.read($0, in: dirfd(listing), into: &buffer) }
                guard count > 0, let stat = ProcessStat(buffer.span.bytes.extracting(first: count)), stat.isBlocked
                else { continue }
                found.append(stat)
            }
        }
        return found
    }
}
