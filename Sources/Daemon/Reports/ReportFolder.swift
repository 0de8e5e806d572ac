package import Basics
import Glibc

/// Reports as files, for timers and cron jobs: written whole or not at all, and pruned.
///
/// A report is written to hidden files, synced, and then given its name, which no other run can have: several runs may
/// share the folder. Only files whose name says that this host's Custos wrote them are ever removed, and never one that
/// is not a plain file.
package struct ReportFolder {
    /// Why a report could not be kept.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let path: String
    private let keep: Int
    private let keepFor: Duration?
    private let time: any TimeSource

    /// A hidden file that was left by a run that was killed is removed after this time.
    private static let leftoverAge = Duration.seconds(3600)

    /// - Parameters:
    ///   - path: The folder; made if it is missing.
    ///   - keep: How many reports of one host stay.
    ///   - keepFor: How long a report stays; nil for as long as it is among the newest.
    ///   - time: Says what is too old.
    package init(_ path: String, keep: Int, keepFor: Duration?, time: any TimeSource = SystemTime()) {
        self.path = path
        self.keep = max(1, keep)
        self.keepFor = keepFor
        self.time = time
    }

    /// Writes one report and removes what is too old or too much.
    ///
    /// - Parameters:
    ///   - json: The report as JSON.
    ///   - text: The report for people.
    ///   - moment: When it was made.
    ///   - node: Of which host.
    /// - Returns: The files' common name, and why old files could not be removed, if so.
    /// - Throws: When the report is not on disk; then nothing of it is.
    package func store(
        json: String,
        text: String,
        at moment: Timestamp,
        node: String
    ) throws(Failure) -> (stem: String, warning: String?) {
        let folder = try openFolder()
        defer { close(folder) }
        var drafts: [(ending: String, name: String)] = []
        defer { for draft in drafts { unlinkat(folder, draft.name, 0) } }
        for (ending, content) in zip(ReportName.endings, [json, text]) {
            let draft = ".custos-report-\(getpid())-\(String(UInt64.random(in: 0...UInt64.max), radix: 36)).tmp"
            drafts.append((ending, draft))
            try write(content, to: draft, in: folder)
        }
        var name = ReportName(time: moment, node: node)
        for (index, draft) in drafts.enumerated() {
            // The first file takes the name; the others then have it for themselves.
            while linkat(folder, draft.name, folder, name.file(draft.ending), 0) != 0 {
                let trouble = errno
                guard trouble == EEXIST, index == 0 else {
                    for done in drafts.prefix(index) { unlinkat(folder, name.file(done.ending), 0) }
                    throw failure(trouble)
                }
                name = name.next
            }
        }
        guard fsync(folder) == 0 else { throw failure(errno) }
        return (name.stem, prune(folder, sparing: name))
    }

    // MARK: - Writing

    private func openFolder() throws(Failure) -> Int32 {
        for end in path.indices.dropFirst() where path[end] == "/" { mkdir(String(path[..<end]), 0o750) }
        mkdir(path, 0o750)
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure(errno) }
        return folder
    }

    private func write(_ content: String, to name: String, in folder: Int32) throws(Failure) {
        let file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(errno) }
        defer { close(file) }
        var bytes = Array(content.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(errno) }
            bytes = bytes.dropFirst(count)
        }
        // Not what the umask makes of it: the operator's group may read reports, nobody else.
        guard fchmod(file, 0o640) == 0, fsync(file) == 0 else { throw failure(errno) }
    }

    private func failure(_ code: Int32) -> Failure {
        let hint =
            switch code {
            case ENOSPC, EDQUOT: "free space there"
            case EACCES, EPERM, EROFS: "make the folder writable for uid \(geteuid()), or name another"
            case ENOTDIR: "name a folder"
            default: "name another folder"
            }
        let place = path.safe(limit: 300)
        return Failure(
            description: "the report cannot be kept in \(place): \(String(cString: strerror(code))); \(hint)"
        )
    }

    // MARK: - Pruning

    private func prune(_ folder: Int32, sparing newest: ReportName) -> String? {
        guard let listing = opendir(path) else { return warning(errno) }
        defer { closedir(listing) }
        var reports: Set<ReportName> = []
        var files: [(name: String, report: ReportName)] = []
        var leftovers: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let report = ReportName(file: name), report.node == newest.node {
                reports.insert(report)
                files.append((name, report))
            } else if name.hasPrefix(".custos-report-"), name.hasSuffix(".tmp") {
                leftovers.append(name)
            }
        }
        let kept = Set(reports.sorted(by: >).prefix(keep)).union([newest])
        var trouble: Int32?
        for (name, report) in files where report != newest && (!kept.contains(report) || isTooOld(report.time)) {
            trouble = remove(name, in: folder) ?? trouble
        }
        for name in leftovers where isLeft(name, in: folder) { trouble = remove(name, in: folder) ?? trouble }
        return trouble.map(warning)
    }

    private func isTooOld(_ moment: Timestamp) -> Bool { keepFor.map { time.now.since(moment) > $0 } ?? false }

    /// Whether a hidden file has been there for so long that nobody is writing it.
    private func isLeft(_ name: String, in folder: Int32) -> Bool {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
        // A `timespec` begins with its seconds.
        let changed = withUnsafeBytes(of: status.st_mtim) { $0.load(as: Int.self) }
        return time.now.since(Timestamp(seconds: Double(changed))) > Self.leftoverAge
    }

    /// Removes a plain file; gives the reason where that fails, but not where another run was faster.
    private func remove(_ name: String, in folder: Int32) -> Int32? {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return unlinkat(folder, name, 0) == 0 || errno == ENOENT ? nil : errno
    }

    private func warning(_ code: Int32) -> String {
        "old reports in \(path.safe(limit: 300)) cannot be removed: \(String(cString: strerror(code)))"
    }
}
