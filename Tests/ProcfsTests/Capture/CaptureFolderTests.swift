import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Procfs

@Suite struct CaptureFolderTests {
    @Test("it writes new files and counts them")
    func files() throws {
        let parent = try TemporaryFolder()
        var folder = try CaptureFolder(parent.file("capture"))
        try folder.write("proc/1/stat", Array("1 (x)\n".utf8))
        try folder.write("proc/2/stat", [])
        try folder.link("proc/thread-self", to: "1")
        #expect((folder.files, folder.size) == (2, 6))
        #expect(try parent.bytes("capture/proc/thread-self/stat") == Array("1 (x)\n".utf8))
    }

    @Test("a path that would leave it is not written")
    func noWayOut() throws {
        let parent = try TemporaryFolder()
        var folder = try CaptureFolder(parent.file("capture"))
        try folder.write("../outside", [1])
        try folder.write("sys/fs/../../../outside", [1])
        try folder.link("../link", to: "x")
        #expect(parent.names == ["capture"])
        #expect(folder.files == 0)
    }

    @Test("a file that is there already is neither overwritten nor written through")
    func nothingIsOverwritten() throws {
        let parent = try TemporaryFolder()
        try parent.write("outside", "mine")
        var folder = try CaptureFolder(parent.file("capture"))
        #expect(symlink(parent.file("outside"), parent.file("capture/file")) == 0)
        #expect(throws: CaptureError.failed(path: parent.file("capture/file"), errno: .fileExists)) {
            try folder.write("file", [1])
        }
        #expect(try parent.bytes("outside") == Array("mine".utf8))
    }
}
