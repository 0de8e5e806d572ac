import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Procfs

@Suite struct FileSystemTests {
    private func system(_ points: String..., device: String = "0:1") -> FileSystem {
        FileSystem(device: device, type: "x", origin: "y", points: points, access: .writable)
    }

    private func systems(_ lines: String...) throws -> [FileSystem] {
        try MountInfo(parsing: lines.map { $0 + "\n" }.joined()).fileSystems { _ in true }
    }

    @Test func aFilesystemIsListedOnceHoweverOftenItIsMounted() throws {
        let all = try HostFixture().host.mountInfo().fileSystems { ["ext4", "xfs", "nfs4"].contains($0.type) }
        #expect(all.map(\.name) == ["/", "/mnt/my disk", "/mnt/share", "/srv/archive", "/srv/broken"])
        #expect(all[0].points == ["/", "/var/www"])
        #expect(all.map(\.access) == [.writable, .writable, .writable, .readOnly, .error])
    }

    @Test func theMountOfTheRootFolderGivesTheNameElseTheShallowest() throws {
        let bind = try systems("1 0 8:1 /a /b rw - ext4 s rw", "2 0 8:1 / /mnt/disk/one rw - ext4 s rw")
        #expect(bind.map(\.points) == [["/mnt/disk/one", "/b"]])
        let subvolumes = try systems("1 0 0:9 /@home /home rw - btrfs s rw", "2 0 0:9 /@ / rw - btrfs s rw")
        #expect(subvolumes.map(\.points) == [["/", "/home"]])
        let equal = try systems("1 0 8:1 /b /y rw - ext4 s rw", "2 0 8:1 /a /x rw - ext4 s rw")
        #expect(equal.map(\.points) == [["/x", "/y"]])
    }

    @Test func aMountThatAnotherWasPutOverIsNotThere() throws {
        let covered = try systems("1 0 0:5 / /mnt rw - autofs s rw", "2 0 0:6 / /mnt rw - nfs4 s rw")
        #expect(covered.map(\.type) == ["nfs4"])
    }

    @Test func whoMadeItReadOnlyIsTold() throws {
        #expect(try systems("1 0 8:1 / /a rw - ext4 s rw,emergency_ro")[0].access == .error)
        #expect(try systems("1 0 8:1 / /a rw - xfs s rw,shutdown")[0].access == .error)
        #expect(try systems("1 0 8:1 / /a rw - ext4 s ro")[0].access == .error)
        #expect(try systems("1 0 8:1 / /a ro - ext4 s ro")[0].access == .readOnly)
        #expect(try systems("1 0 8:1 / /a ro - ext4 s rw")[0].access == .writable)
    }

    @Test func sharesAreAsDfCounts() {
        let use = FileSystemUse(size: 100, free: 30, available: 20, files: 1000, freeFiles: 100)
        #expect(use.usedRatio == 70.0 / 90)
        #expect(use.usedFilesRatio == 0.9)
        let none = FileSystemUse(size: 0, free: 0, available: 0, files: 0, freeFiles: 0)
        #expect(none.usedRatio == nil)
        #expect(none.usedFilesRatio == nil)
        let odd = FileSystemUse(size: 1, free: .max, available: .max, files: 1, freeFiles: .max)
        #expect(odd.usedRatio == 0)
        #expect(odd.usedFilesRatio == 0)
        let most = FileSystemUse(size: .max, free: 0, available: .max, files: .max, freeFiles: 0)
        #expect(most.usedRatio == 0.5)
        #expect(most.usedFilesRatio == 1)
    }

    @Test func whatIsMountedIsMeasured() throws {
        let root = try HostFixture().host.roots
        #expect(root.root != nil)
        var facts = statvfs()
        #expect(statvfs("/", &facts) == 0)
        let own = try Host(roots: HostRoots(proc: "/proc", sys: "/sys")).read(
            MountInfo.self,
            at: HostPath(.proc, "self/mountinfo")
        )
        let first = try #require(own.fileSystems { $0.point == "/" }.first)
        guard case .use(let use) = first.look(below: "/") else {
            Issue.record("\(first.look(below: "/"))")
            return
        }
        #expect(use.size == UInt64(facts.f_blocks) * UInt64(facts.f_frsize))
        #expect(use.files == UInt64(facts.f_files))
    }

    @Test func aFolderWhereSomethingShouldBeMountedIsNotTakenForIt() {
        #expect(system("/etc").look(below: "/") == .notThere)
        #expect(system("/nowhere").look(below: "/") == .notThere)
        #expect(system("/proc").look(below: "/nowhere") == .notThere)
        // Another filesystem is mounted there.
        #expect(system("/proc", device: "8:1").look(below: "/") == .notThere)
        guard case .use(let use) = system("/nowhere", "/proc").look(below: "/") else {
            Issue.record("its other place was not tried")
            return
        }
        #expect(use.usedRatio == nil)
    }

    @Test(
        "before Linux 5.8 a folder of a disk is not taken for the network's filesystem that should lie over it",
        arguments: [
            ("0:44", -1, 8, 1, false), ("0:44", -1, 0, 50, true), ("8:1", -1, 8, 1, true), ("8:1", -1, 8, 2, false),
            ("0:44", 1, 0, 44, true), ("0:44", 0, 0, 44, false), ("8:1", 0, 8, 1, false),
        ] as [(String, Int32, UInt32, UInt32, Bool)]
    )
    func sameness(device: String, isMount: Int32, major: UInt32, minor: UInt32, isSame: Bool) {
        #expect(system("/mnt", device: device).isSame(isMount: isMount, major, minor) == isSame)
    }

    @Test("S30 a folder that may not be entered is told apart")
    func aFolderThatMayNotBeEnteredIsDenied() throws {
        let fixture = try HostFixture()
        try fixture.write("root/private/disk/file", "")
        #expect(chmod(fixture.folder, 0o755) == 0)
        #expect(chmod(fixture.path("root"), 0o755) == 0)
        #expect(chmod(fixture.path("root/private"), 0o700) == 0)
        let system = system("/private/disk", "/nowhere")
        let root = fixture.path("root")
        #expect(try IsolatedThread.run(.unprivileged) { system.look(below: root) } == .denied)
        #expect(system.look(below: root) == .notThere)
    }

    @Test func linksBelowTheRootDoNotLeadOut() throws {
        let fixture = try HostFixture()
        try fixture.link("root/disk", to: "/proc")
        #expect(system("/disk").look(below: fixture.path("root")) == .notThere)
    }

    @Test func aRootThatIsNotMountedIsAbsentWithTheRemedy() throws {
        let host = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        let error = #expect(throws: HostFileError.self) { try host.rootFolder() }
        #expect(error?.hint == "mount the host's root: -v /:/host/root:ro,rslave")
        #expect(try HostFixture().host.rootFolder().hasSuffix("/root"))
    }
}
