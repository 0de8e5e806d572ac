import Testing

@testable import Procfs

@Suite struct ProcessLimitsTests {
    static let names = "Limit                     Soft Limit           Hard Limit           Units     \n"

    @Test func theSoftLimitIsRead() throws {
        let text = Self.names + "Max processes 5 6 processes\nMax open files            1024   524288   files\n"
        #expect(try ProcessLimits(parsing: text).openFiles == 1024)
    }

    @Test func unlimitedIsNoLimit() throws {
        let text = Self.names + "Max open files            unlimited            unlimited            files\n"
        #expect(try ProcessLimits(parsing: text).openFiles == nil)
    }

    @Test(arguments: ["", names, names + "Max open files \n", names + "Max open files  many\n"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try ProcessLimits(parsing: text) }
    }
}
