import Basics
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Procfs

@Suite struct WriteProbeTests {
    private func answer(
        _ folder: String,
        below root: String,
        file: String = WriteProbe.usualFile
    ) async -> FileSystemAnswer? {
        let probe = WriteProbe(file: file)
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

    @Test("a file of another name than the usual is replaced only if the test wrote it")
    func otherNames() async throws {
        let fixture = try HostFixture()
        func content() throws -> String { try String(contentsOfFile: fixture.path("root/data/probe"), encoding: .utf8) }
        try fixture.write("root/data/kept", "x")
        #expect(await answer("/data", below: fixture.path("root"), file: "probe") == .written)
        for theirs in ["precious", "", "Custos was here: may be removed.\n\0 and more"] {
            try fixture.write("root/data/probe", theirs)
            #expect(await answer("/data", below: fixture.path("root"), file: "probe") == .taken)
            #expect(try content() == theirs)
        }
        for ours in ["Custos was here: may be removed.\n\0", "Custos was"] {
            try fixture.write("root/data/probe", ours)
            #expect(await answer("/data", below: fixture.path("root"), file: "probe") == .written)
        }
        try fixture.link("root/data/probe", to: "kept")
        #expect(await answer("/data", below: fixture.path("root"), file: "probe") == .taken)
        try fixture.remove("root/data/probe")
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
