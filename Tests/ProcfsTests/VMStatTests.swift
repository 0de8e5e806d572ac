import Testing

@testable import Procfs

@Suite struct VMStatTests {
    @Test func swappedPagesAreRead() throws {
        let pages = try VMStat(parsing: "nr_free_pages x\npswpin 1204\npswpout 18446744073709551615\n")
        #expect(pages.swappedIn == 1204)
        #expect(pages.swappedOut == .max)
    }

    @Test func aKernelThatCannotSwapCountsNothing() throws {
        let pages = try VMStat(parsing: "nr_free_pages 12\n")
        #expect(pages.swappedIn == nil)
        #expect(pages.swappedOut == nil)
        #expect(pages.oomKills == nil)
    }

    @Test func killsAreRead() throws {
        #expect(try VMStat(parsing: "oom_kill 24\npswpin 3\n").oomKills == 24)
    }

    @Test(arguments: ["", "oom_kill x\n", "pswpin\n", "pswpin x\n", "pswpout 18446744073709551616\n", "pswpin 12"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try VMStat(parsing: text) }
    }
}
