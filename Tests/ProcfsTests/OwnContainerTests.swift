import TestSupport
import Testing

@testable import Procfs

@Suite struct OwnContainerTests {
    private static let id = String(repeating: "0f3a", count: 16)

    /// A host whose reader has these files of its own.
    private func own(mounts: String? = nil, group: String? = nil, name: String = "edge-7") throws -> String? {
        let fixture = try HostFixture()
        if let mounts { try fixture.write("proc/self/mountinfo", mounts) }
        if let group { try fixture.write("proc/self/cgroup", group) }
        try fixture.write("proc/sys/kernel/hostname", name + "\n")
        return fixture.host.ownContainer()
    }

    private static func mount(_ folder: String, _ point: String) -> String {
        "27 1 254:0 / / rw,relatime - overlay overlay rw\n31 27 254:1 \(folder) \(point) rw - ext4 /dev/vda1 rw\n"
    }

    @Test(
        "an engine's files in the container name it",
        arguments: [
            ("/var/lib/docker/containers/\(id)/hostname", "/etc/hostname"),
            ("/srv/data/containers/\(id)/resolv.conf", "/etc/resolv.conf"),
            ("/lib/containers/storage/overlay-containers/\(id)/userdata/hosts", "/etc/hosts"),
        ]
    )
    func mounts(folder: String, point: String) throws {
        #expect(try own(mounts: Self.mount(folder, point)) == Self.id)
    }

    @Test(
        "else the control group, or a host name that nobody chose",
        arguments: [
            ("12:pids:/docker/\(id)\n1:name=systemd:/docker/\(id)\n", "edge-7", id),
            ("0::/system.slice/docker-\(id).scope\n", "edge-7", id), ("0::/\n", "0f3a0f3a0f3a", "0f3a0f3a0f3a"),
            ("0::/user.slice/user-1000.slice\n", "edge-7", nil), ("0::/\n", "beefbeefbeefbe", nil),
        ] as [(String, String, String?)]
    )
    func otherSigns(group: String, name: String, id: String?) throws {
        #expect(try own(mounts: Self.mount("/", "/data"), group: group, name: name) == id)
    }

    @Test("a volume of another container is no sign, and nothing is found where nothing can be read")
    func noSign() throws {
        #expect(try own(mounts: Self.mount("/var/lib/docker/volumes/\(Self.id)/_data", "/data")) == nil)
        #expect(try HostFixture("debian-12", "no-proc").host.ownContainer() == nil)
    }
}
