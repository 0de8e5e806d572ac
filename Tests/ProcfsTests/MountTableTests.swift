import TestSupport
import Testing

@testable import Procfs

@Suite struct MountTableTests {
    @Test func mountsAreReadWithTheirOptions() throws {
        let table = try HostFixture().host.mountTable()
        #expect(table.mounts.count == 12)
        let disk = try #require(table.mount(at: "/mnt/my disk"))
        #expect(disk.type == "xfs")
        #expect(disk.options == ["rw", "noatime", "attr2", "inode64"])
        #expect(table.mount(at: "/mnt/my\\040disk") == nil)
        #expect(table.mount(at: "/mnt") == nil)
    }

    @Test func whatWasMountedOverAnotherIsSeen() throws {
        let table = try MountTable(parsing: "a /m ext4 rw 0 0\nb /m xfs ro 0 0\n")
        #expect(table.mount(at: "/m")?.type == "xfs")
    }

    @Test func anEmptySourceIsNoField() throws {
        #expect(try MountTable(parsing: " /m tmpfs rw 0 0\n").mount(at: "/m")?.type == "tmpfs")
    }

    @Test func escapedBytesStandForThemselves() throws {
        let table = try MountTable(parsing: #"a /a\040b\011c\134d\303\251\x40\04 fuse.s\040x rw,a\054b 0 0"# + "\n")
        #expect(table.mounts.first?.point == "/a b\tc\\dé\\x40\\04")
        #expect(table.mounts.first?.type == "fuse.s x")
        #expect(table.mounts.first?.options == ["rw", "a,b"])
    }

    @Test func theRunningKernelIsUnderstood() throws {
        let table = try Host(roots: HostRoots(proc: "/proc", sys: "/sys")).mountTable()
        #expect(table.mount(at: "/proc")?.type == "proc")
    }

    @Test(arguments: ["", "\n", "a /m ext4 rw\n", "a m ext4 rw 0 0\n", "a /m ext4 rw 0 0"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try MountTable(parsing: text) }
    }
}
