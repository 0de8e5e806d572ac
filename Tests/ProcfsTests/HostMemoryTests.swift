import TestSupport
import Testing

@testable import Procfs

@Suite struct HostMemoryTests {
    @Test("a host's scope is found once; one that cannot be told is asked for again")
    func scope() {
        let memory = HostMemory()
        #expect(memory.scope { .unknown } == .unknown)
        #expect(memory.scope { .host } == .host)
        #expect(memory.scope { .container } == .host)
    }

    @Test("the mounts are parsed anew when the kernel says something else, and only then")
    func mounts() throws {
        let fixture = try HostFixture()
        let host = fixture.host
        let first = try host.mountInfo()
        #expect(try host.mountInfo().edition === first.edition)
        try fixture.write("proc/1/mountinfo", "27 1 254:0 / / ro,relatime shared:1 - ext4 /dev/vda ro\n")
        let second = try host.mountInfo()
        #expect(second.edition !== first.edition)
        #expect(second.mounts.map(\.isReadOnly) == [true])
        try fixture.write("proc/1/mountinfo", "27 1 254:0")
        #expect(throws: HostFileError.self) { try host.mountInfo() }
    }
}
