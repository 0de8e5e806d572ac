import Testing

@testable import Procfs

@Suite struct MountInfoTests {
    private func only(_ line: String) throws -> MountInfo.Mount {
        let mounts = try MountInfo(parsing: line + "\n").mounts
        return try #require(mounts.count == 1 ? mounts[0] : nil)
    }

    @Test func aMountIsRead() throws {
        let mount = try only("44 27 259:3 /srv /mnt/x rw,noatime shared:9 master:2 - xfs /dev/nvme1n1p1 rw,attr2")
        let expected = MountInfo.Mount(
            device: "259:3",
            folder: "/srv",
            point: "/mnt/x",
            type: "xfs",
            origin: "/dev/nvme1n1p1",
            isReadOnly: false,
            isFilesystemReadOnly: false,
            isShutDown: false
        )
        #expect(mount == expected)
    }

    @Test func escapedBytesStandForThemselves() throws {
        let mount = try only(#"44 27 0:3 / /mnt/a\040b\011c\134d\303\251\x40\04 rw - fuse.s\040x a\043b rw"#)
        #expect(mount.point == "/mnt/a b\tc\\dé\\x40\\04")
        #expect(mount.origin == "a#b")
    }

    @Test func aReadOnlyMountIsToldFromAReadOnlyFilesystem() throws {
        let bind = try only("1 2 8:1 / /a ro,relatime - ext4 /dev/sda1 rw,errors=remount-ro")
        #expect(bind.isReadOnly && !bind.isFilesystemReadOnly && !bind.isShutDown)
        let broken = try only("1 2 8:1 / /a rw,relatime - ext4 /dev/sda1 ro,errors=remount-ro")
        #expect(!broken.isReadOnly && broken.isFilesystemReadOnly)
        #expect(try only("1 2 8:1 / /a rw - ext4 /dev/sda1 rw,emergency_ro").isShutDown)
        #expect(try only("1 2 8:1 / /a rw - xfs /dev/sda1 rw,shutdown").isShutDown)
    }

    @Test func anEmptySourceIsNoOption() throws {
        let mount = try only("1 2 0:1 / /a rw -  tmpfs  ro")
        #expect(mount.type == "tmpfs")
        #expect(mount.isFilesystemReadOnly)
    }

    @Test(arguments: [
        "", "\n", "1 2 8:1 / /a rw ext4 /dev/sda1 rw\n", "1 2 8 / /a rw - ext4 /dev/sda1 rw\n",
        "x 2 8:1 / /a rw - ext4 /dev/sda1 rw\n", "1 2 8:1 / a rw - ext4 /dev/sda1 rw\n", "1 2 8:1 / /a rw - ext4\n",
        "1 2 8:1 / /a rw - ext4 /dev/sda1 rw", "1 2 8:18446744073709551616 / /a rw - ext4 /dev/sda1 rw\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try MountInfo(parsing: text) }
    }
}
