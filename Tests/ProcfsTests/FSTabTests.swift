import TestSupport
import Testing

@testable import Procfs

@Suite struct FSTabTests {
    private func entry(_ line: String) throws -> FSTab.Entry {
        try #require(try FSTab(parsing: line).entries.first)
    }

    @Test func linesAreReadWithoutComments() throws {
        let entries = try HostFixture().host.fsTab().entries
        #expect(
            entries.map(\.point) == [
                "/", "/mnt/my disk", "/var/www", "/mnt/share", "/srv/archive", "/srv/spare", "none",
            ]
        )
        #expect(entries.map(\.isMount) == [true, true, true, true, true, true, false])
        #expect(entries[1].options == ["noatime"])
    }

    @Test func theLastLineMayLackItsEndAndOptionsMayBeLeftOut() throws {
        let entry = try entry("tmpfs /tmp/ tmpfs")
        #expect(entry.point == "/tmp")
        #expect(entry.options == [])
        #expect(try FSTab(parsing: "").entries == [])
        #expect(try FSTab(parsing: "\n  # nothing\n").entries == [])
    }

    @Test("what is mounted by hand, on access or not at all is told apart")
    func absence() throws {
        #expect(try entry("a /m ext4 noauto").isByHand)
        let automounted = try entry("a /m nfs noauto,x-systemd.automount")
        #expect(!automounted.isByHand && automounted.isAutomounted)
        #expect(try entry("a /m nfs comment=systemd.automount").isAutomounted)
        #expect(try entry("a /m ext4 nofail").mayFail)
        #expect(try !entry("a /m ext4 defaults").mayFail)
        #expect(try !entry("a none swap sw").isMount)
        #expect(try !entry("a /swap swap sw").isMount)
    }

    @Test(
        "the kernel's names of types are known",
        arguments: [
            ("auto", "ext4", true), ("nfs", "nfs4", true), ("nfs4", "nfs4", true), ("cifs", "smb3", true),
            ("ext4", "ext4", true), ("ext4", "xfs", false), ("ext3,ext4", "ext4", true), ("sshfs", "fuse.sshfs", true),
            ("fuse", "fuse.sshfs", true), ("fuse.sshfs", "fuse.sshfs", true), ("ntfs-3g", "fuseblk", true),
            ("ntfs", "ntfs3", true), ("none", "ext4", true), ("xfs", "nfs4", false), ("ext4", "autofs", false),
            ("davfs", "fuse", true), ("lowntfs-3g", "fuseblk", true), ("exfat-fuse", "fuseblk", true),
            ("fuse.ceph", "fuse.ceph-fuse", true), ("fuse.ceph", "fuse.sshfs", false),
        ]
    )
    func types(wanted: String, found: String, fits: Bool) throws {
        #expect(try entry("a /m \(wanted) defaults").allows(type: found) == fits)
    }

    @Test func aBindTakesTheTypeOfItsFolder() throws {
        #expect(try entry("/a /b ext4 bind").allows(type: "xfs"))
        #expect(try entry("/a /b none rbind,ro").isBind)
    }

    @Test(
        "of options that contradict each other the last counts",
        arguments: [
            ("defaults", ["rw"]), ("ro", ["ro"]), ("ro,rw", ["rw"]), ("noexec,nosuid", ["rw", "nosuid", "noexec"]),
            ("noexec,exec", ["rw"]), ("nodev,defaults", ["rw"]), ("defaults,nodev", ["rw", "nodev"]),
            ("errors=remount-ro", ["rw"]),
        ]
    )
    func demands(options: String, demanded: [String]) throws {
        #expect(try entry("a /m ext4 \(options)").demandedOptions == demanded)
    }

    @Test func imagesNeedNotBeWritable() throws {
        #expect(try entry("/a.iso /m iso9660 loop").demandedOptions == [])
        #expect(try entry("/dev/sr0 /m udf,iso9660 loop").demandedOptions == ["rw"])
    }

    @Test func aLineThatIsNoneIsRefusedByItsNumber() {
        let error = #expect(throws: HostFileError.self) { try FSTab(parsing: "# a\n/dev/sda1 /data\n") }
        #expect(error == .malformed(path: "<root>/etc/fstab", line: 2, because: "a line has fewer than three fields"))
    }
}
