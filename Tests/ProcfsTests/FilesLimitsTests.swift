import TestSupport
import Testing

@testable import Procfs

@Suite struct FilesLimitsTests {
    private func process(_ pid: Int, start: Int = 5) throws -> ProcessStat {
        try ProcessStat(parsing: "\(pid) (x) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 \(start) 0 0")
    }

    private func pass(_ id: Int, _ processes: ProcessStat...) -> ProcessPass {
        ProcessPass(processes: processes, hidden: 0, id: id)
    }

    @Test("a limit is remembered for one process, not for the next with its number")
    func remembering() throws {
        var limits = FilesLimits()
        let (one, other) = (try process(412), try process(412, start: 6))
        limits.enter(pass(1, one))
        #expect(limits.limit(of: one, open: 9, exactAbove: 0.8) == nil)
        limits.remember(.number(100), of: one)
        #expect(limits.limit(of: one, open: 9, exactAbove: 0.8) == .number(100))
        #expect(limits.limit(of: other, open: 9, exactAbove: 0.8) == nil)
        limits.remember(.unlimited, of: other)
        #expect(limits.limit(of: other, open: 9, exactAbove: 0.8) == .unlimited)
    }

    @Test("it is read anew where it decides, where many are open, and now and then")
    func readingAnew() throws {
        var limits = FilesLimits()
        let process = try self.process(412)
        limits.remember(.number(50), of: process)
        limits.enter(pass(1, process))
        #expect(limits.limit(of: process, open: 40, exactAbove: 0.8) == .number(50))
        #expect(limits.limit(of: process, open: 41, exactAbove: 0.8) == nil)
        #expect(limits.limit(of: process, open: FileUse.floor, exactAbove: .infinity) == nil)
        var read = 0
        for id in 2..<(2 + 3 * Int(FilesLimits.lifetime)) {
            limits.enter(pass(id, process))
            if limits.limit(of: process, open: 1, exactAbove: 0.8) == nil { read += 1 }
        }
        #expect(read == 3)
    }

    @Test("what has ended is forgotten, and no more are remembered than there is room for")
    func bounds() throws {
        var limits = FilesLimits()
        let one = try process(412)
        for pid in 1000..<(1000 + FilesLimits.capacity + 10) { limits.remember(.number(9), of: try process(pid)) }
        limits.remember(.number(9), of: one)
        #expect(limits.limit(of: one, open: 1, exactAbove: 0.8) == nil)
        limits.enter(pass(1, try process(1001)))
        #expect(limits.limit(of: try process(1001), open: 1, exactAbove: 0.8) == .number(9))
        #expect(limits.limit(of: try process(1002), open: 1, exactAbove: 0.8) == nil)
        limits.remember(.number(9), of: one)
        #expect(limits.limit(of: one, open: 1, exactAbove: 0.8) == .number(9))
    }
}
