import SQLite
import TestSupport
import Testing

struct FileLockTests {
    @Test func `a lock is held by one at a time, and free once released`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.lock"
        var first: FileLock? = try FileLock(path: path, patience: 0)
        #expect(first != nil)
        #expect(throws: FileLock.Refusal.held) { try FileLock(path: path, patience: 40) }
        first = nil
        _ = try FileLock(path: path, patience: 0)
    }

    @Test func `a lock whose folder is absent says why`() {
        #expect(throws: FileLock.Refusal.cannotOpen(2)) { try FileLock(path: "/nonexistent/a.lock", patience: 0) }
    }
}
