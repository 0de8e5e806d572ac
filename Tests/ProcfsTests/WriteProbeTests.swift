import Basics
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Procfs

@Suite struct WriteProbeTests {
    private func answer(_ folder: String, below root: String) async -> FileSystemAnswer? {
        let probe = WriteProbe()
        return await probe.answers(of: [folder], below: root, patience: .seconds(30), time: SystemTime()).first
    }

    @Test func aFileIsWrittenAndNothingIsLeft() async throws {
        let fixture = try HostFixture()
        try fixture.write("root/data/kept", "x")
        try fixture.write("root/data/.custos-write-test", "left by a run that was killed")
        for folder in ["/data", "data"] {
            #expect(await answer(folder, below: fixture.path("root")) == .written)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path("root/data")) == ["kept"])
    }

    @Test func aLinkInTheFilesPlaceIsNotFollowed() async throws {
        let fixture = try HostFixture()
        try fixture.write("root/data/kept", "x")
        try fixture.write("root/victim", "precious")
        try fixture.link("root/data/.custos-write-test", to: fixture.path("root/victim"))
        #expect(await answer("/data", below: fixture.path("root")) == .written)
        #expect(try String(contentsOfFile: fixture.path("root/victim"), encoding: .utf8) == "precious")
    }

    @Test func aFolderThatIsNotThereIsToldApart() async throws {
        let fixture = try HostFixture()
        #expect(await answer("/data", below: fixture.path("root")) == .notThere)
        #expect(await answer("/etc/hostname", below: fixture.path("root")) == .notThere)
        // The kernel lets nobody make files there.
        let answer = await answer("/1", below: "/proc")
        #expect(answer == .denied || answer == .notThere)
    }

    @Test func theMountThatHoldsAFolderSaysWhetherItMayBeWritten() throws {
        let mounts = try HostFixture().host.mountInfo()
        #expect(mounts.isWritable(at: "/srv"))
        #expect(mounts.isWritable(at: "/srv/archives"))
        #expect(!mounts.isWritable(at: "/srv/archive/deep"))
        #expect(!mounts.isWritable(at: "/srv/broken"))
        #expect(!mounts.isWritable(at: "/var/www"))
        #expect(mounts.isWritable(at: "/mnt/my disk"))
    }
}
