import Basics
import Glibc
import SystemPackage

/// The kernel's messages in the system's journal, read on from where we last were.
///
/// Document: sd-journal(3), systemd.journal-fields(7). journald reads `/dev/kmsg` and keeps what it read, with the
/// kernel's own stamp.
final class KernelJournal {
    private let library: JournalLibrary
    private let handle: JournalLibrary.Handle
    /// What was read last before the journal was opened anew.
    private var known: String?

    private init(_ library: JournalLibrary, _ handle: JournalLibrary.Handle, behind known: String?) {
        self.library = library
        self.handle = handle
        self.known = known
    }

    deinit { library.close(handle) }

    /// Opens the journal that lies below the host's root, at a cursor or else so long ago.
    ///
    /// Nil where libsystemd is not installed, the root is not mounted, or the journal may not be read.
    static func open(of host: Host, behind cursor: String?, orSince moment: Timestamp) -> KernelJournal? {
        guard let root = host.roots.root, let boot = try? host.bootID(), let library = JournalLibrary.installed else {
            return nil
        }
        var handle: JournalLibrary.Handle?
        // Older ones know no flag to leave out users' journals.
        guard library.open(&handle, root, osRoot | systemFiles) == 0 || library.open(&handle, root, osRoot) == 0,
            let handle
        else { return nil }
        let journal = KernelJournal(library, handle, behind: cursor)
        // Files that may not be read are passed over without a word: what is open takes some room.
        var bytes: UInt64 = 0
        guard library.usage(handle, &bytes) >= 0, bytes > 0 else { return nil }
        // Else files that journald begins later would not be seen.
        guard library.descriptor(handle) >= 0 else { return nil }
        let matches = ["_BOOT_ID=\(boot.text.filter { $0 != "-" })", "_TRANSPORT=kernel", "SYSLOG_FACILITY=0"]
        guard matches.allSatisfy({ library.addMatch(handle, $0, 0) >= 0 }) else { return nil }
        let microseconds = UInt64(max(0, moment.milliseconds)).multipliedReportingOverflow(by: 1000).partialValue
        let sought = cursor.map { library.seekCursor(handle, $0) } ?? library.seekTime(handle, microseconds)
        return sought >= 0 ? journal : nil
    }

    /// Hands over what the kernel wrote since, at most `limit` records.
    ///
    /// - Returns: The last one's cursor; nil where nothing is new.
    /// - Throws: `HostFileError` when the journal cannot be read on.
    func read(atMost limit: Int, _ take: (KernelRecord) -> Void) throws(HostFileError) -> String? {
        _ = library.process(handle)
        var hasNews = false
        for _ in 0..<limit {
            let step = library.next(handle)
            guard step >= 0 else { throw .unreadable(path: "the journal", errno: Errno(rawValue: -step)) }
            guard step > 0 else { break }
            if let last = known {
                known = nil
                if library.testCursor(handle, last) > 0 { continue }
            }
            hasNews = true
            if let record { take(record) }
        }
        return hasNews ? cursor : nil
    }

    private var cursor: String? {
        var text: UnsafeMutablePointer<CChar>?
        guard library.cursor(handle, &text) >= 0, let text else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    private var record: KernelRecord? {
        guard let stamp = field("_SOURCE_MONOTONIC_TIMESTAMP")?.decimal, stamp < 1 << 60, let text = field("MESSAGE")
        else { return nil }
        return KernelRecord(isFromKernel: true, sequence: 0, stamp: .microseconds(Int64(stamp)), text: text)
    }

    /// A field's content, at most as long as the kernel writes.
    private func field(_ name: String) -> ArraySlice<UInt8>? {
        var data: UnsafeRawPointer?
        var count = 0
        guard library.data(handle, name, &data, &count) >= 0, let data, count > name.utf8.count else { return nil }
        let bytes = UnsafeRawBufferPointer(start: data, count: min(count, Self.longest))
        return Array(bytes)[(name.utf8.count + 1)...]
    }

    private static let longest = 8192
    /// `SD_JOURNAL_SYSTEM` and `SD_JOURNAL_OS_ROOT`.
    private static let systemFiles: CInt = 1 << 2
    private static let osRoot: CInt = 1 << 4
}
