import Testing

@testable import Procfs

@Suite struct KernelReleaseTests {
    @Test(
        arguments: [
            ("3.10.0-1160.el7.x86_64", 3, 10), ("4.18.0-553.el8", 4, 18), ("6.1.0-28-amd64", 6, 1), ("6.12-rc1", 6, 12),
            ("6.18.44-fc", 6, 18),
        ] as [(String, UInt64, UInt64)]
    )
    func releasesAreRead(text: String, major: UInt64, minor: UInt64) throws {
        let release = try KernelRelease(parsing: text + "\n")
        #expect(release.major == major)
        #expect(release.minor == minor)
        #expect(release.isAtLeast(major, minor))
        #expect(!release.isAtLeast(major, minor + 1))
        #expect(!release.isAtLeast(major + 1, 0))
        #expect(release.isAtLeast(major - 1, 99))
    }

    @Test(arguments: ["", "\n", "6\n", "6.\n", "x.1\n", "6.x\n", "6.1"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try KernelRelease(parsing: text) }
    }
}
