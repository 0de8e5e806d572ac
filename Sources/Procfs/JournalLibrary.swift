import Glibc

/// The few calls of libsystemd that reading the system's journal takes, if the library is installed.
///
/// Document: sd-journal(3). It is opened when it is first needed: who has no use for it pays nothing, and who has none
/// misses nothing else.
struct JournalLibrary: Sendable {
    typealias Handle = OpaquePointer
    typealias Open = @Sendable @convention(c) (UnsafeMutablePointer<Handle?>, UnsafePointer<CChar>, CInt) -> CInt
    typealias Close = @Sendable @convention(c) (Handle) -> Void
    typealias Plain = @Sendable @convention(c) (Handle) -> CInt
    typealias AddMatch = @Sendable @convention(c) (Handle, UnsafePointer<CChar>, Int) -> CInt
    typealias SeekTime = @Sendable @convention(c) (Handle, UInt64) -> CInt
    typealias WithCursor = @Sendable @convention(c) (Handle, UnsafePointer<CChar>) -> CInt
    typealias Cursor =
        @Sendable @convention(c) (Handle, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt
    typealias Usage = @Sendable @convention(c) (Handle, UnsafeMutablePointer<UInt64>) -> CInt
    typealias Data =
        @Sendable @convention(c) (
            Handle, UnsafePointer<CChar>, UnsafeMutablePointer<UnsafeRawPointer?>, UnsafeMutablePointer<Int>
        ) -> CInt

    let open: Open
    let close: Close
    let descriptor: Plain
    let process: Plain
    let addMatch: AddMatch
    let seekTime: SeekTime
    let seekCursor: WithCursor
    let testCursor: WithCursor
    let cursor: Cursor
    let next: Plain
    let data: Data
    let usage: Usage

    /// Nil where it is not installed, or lacks a call.
    static let installed = JournalLibrary()

    private init?() {
        guard let library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL) else { return nil }
        func call<Call>(_ name: String, _ type: Call.Type) -> Call? {
            dlsym(library, "sd_journal_\(name)").map { unsafeBitCast($0, to: type) }
        }
        guard let open = call("open_directory", Open.self), let close = call("close", Close.self),
            let descriptor = call("get_fd", Plain.self), let process = call("process", Plain.self),
            let addMatch = call("add_match", AddMatch.self), let seekTime = call("seek_realtime_usec", SeekTime.self),
            let seekCursor = call("seek_cursor", WithCursor.self),
            let testCursor = call("test_cursor", WithCursor.self), let cursor = call("get_cursor", Cursor.self),
            let next = call("next", Plain.self), let data = call("get_data", Data.self),
            let usage = call("get_usage", Usage.self)
        else { return nil }
        self.open = open
        self.close = close
        self.descriptor = descriptor
        self.process = process
        self.addMatch = addMatch
        self.seekTime = seekTime
        self.seekCursor = seekCursor
        self.testCursor = testCursor
        self.cursor = cursor
        self.next = next
        self.data = data
        self.usage = usage
    }
}
