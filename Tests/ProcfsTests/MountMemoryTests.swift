import TestSupport
import Testing

@testable import Procfs

/// Beside containers most of `mountinfo` is about them, and is not read anew before the kernel tells of a mount.
@Suite struct MountMemoryTests {
    /// A file, and how much of it was asked for.
    private struct Source {
        var memory = MountMemory()
        var disk = "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        var layers = [
            "90 27 0:50 / /var/lib/docker/overlay2/a/merged rw,relatime shared:7 master:2 - overlay overlay rw,lowerdir=/l\n",
            "91 27 0:4 net:[4026532213] /run/docker/netns/a rw shared:9 - nsfs nsfs rw\n",
            "92 27 0:52 / /var/lib/docker/containers/a/mounts/shm rw - tmpfs shm rw\n",
        ]
        var asked: [Int?] = []
        var text: String { disk + layers.joined() }

        mutating func mounts(mayDiffer: Bool = false) throws -> MountInfo {
            let bytes = Array(text.utf8)
            var asked: [Int?] = []
            defer { self.asked += asked }
            return try memory.mounts(mayDiffer: mayDiffer) { atLeast throws(HostFileError) in
                asked.append(atLeast)
                return Array(bytes.prefix(atLeast ?? .max))
            } parse: { bytes throws(HostFileError) in
                try MountInfo(parsing: bytes, path: "mountinfo")
            }
        }
    }

    @Test("what an error may change is read at every look, what only a mount changes when the kernel tells of one")
    func reading() throws {
        var source = Source()
        let first = try source.mounts()
        #expect(try source.mounts().edition === first.edition)
        #expect(source.asked == [nil, source.disk.utf8.count])
        source.layers.removeLast()
        #expect(try source.mounts().mounts.count == 4)
        #expect(try source.mounts(mayDiffer: true).mounts.count == 3)
        source.asked = []
        let length = source.disk.utf8.count
        source.disk = source.disk.replacing("vda rw", with: "vda rw,emergency_ro")
        #expect(try source.mounts().mounts.map(\.isShutDown) == [true, false, false])
        #expect(source.asked == [length, nil])
    }

    @Test("every tenth look reads all, whatever the kernel told")
    func fallback() throws {
        // Of a file that is not its own the kernel never tells anything.
        let folder = try TemporaryFolder()
        try folder.write("mountinfo", "")
        var memory = MountMemory()
        let told = (1...20).filter { _ in memory.mayDiffer(at: folder.file("mountinfo")) }
        #expect(told == [1, 10, 20])
        var blind = MountMemory()
        #expect((1...3).allSatisfy { _ in blind.mayDiffer(at: folder.file("nothing")) })
    }

    @Test("a filesystem that lies behind those of containers is read with them")
    func order() throws {
        var source = Source()
        source.layers.insert("93 27 0:60 / /data rw - btrfs /dev/vdb rw\n", at: 1)
        _ = try source.mounts()
        source.layers[1] = source.layers[1].replacing("vdb rw", with: "vdb ro")
        #expect(try source.mounts().mounts.map(\.isFilesystemReadOnly) == [false, false, true, false, false])
    }

    @Test("a look that failed loses nothing of what the kernel told")
    func failure() throws {
        var source = Source()
        _ = try source.mounts()
        let good = source.layers
        source.layers[0] = "90 27\n"
        #expect(throws: HostFileError.self) { try source.mounts(mayDiffer: true) }
        source.layers = Array(good.dropLast())
        #expect(try source.mounts().mounts.count == 3)
        source.layers = good
        #expect(try source.mounts().mounts.count == 3)
    }
}
