import FoundationEssentials
import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct HostInterfacesTests {
    private static let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))

    /// A sysfs of the host with two interfaces, one virtual and one not.
    private static func fixture() throws -> HostFixture {
        let fixture = try HostFixture()
        for (name, place) in [("eth0", "pci0000:00/net/eth0"), ("weird", "virtual/net/weird")] {
            try fixture.link("sys/class/net/\(name)", to: "../../devices/\(place)")
            for (file, text) in [
                ("operstate", "up"), ("flags", "0x1003"), ("carrier_changes", "4"), ("speed", "1000"),
                ("duplex", "full"), ("uevent", "INTERFACE=\(name)\nIFINDEX=2"),
            ] {
                try fixture.write("sys/devices/\(place)/\(file)", text + "\n")
            }
        }
        try fixture.declareSysfs()
        return fixture
    }

    @Test("from another namespace the host's sysfs tells")
    func sysfs() throws {
        let fixture = try Self.fixture()
        let interfaces = try fixture.host.interfaces(["eth0", "weird", "gone"])
        let expected = Interface(
            state: .up,
            isEnabled: true,
            isVirtual: false,
            carrierChanges: 4,
            speed: 1e9,
            isFullDuplex: true
        )
        #expect(interfaces["eth0"] == expected)
        #expect(interfaces["weird"]?.isVirtual == true)
        #expect(interfaces.count == 2)
        try fixture.write("sys/devices/virtual/net/weird/uevent", "DEVTYPE=bond\n")
        #expect(try fixture.host.interfaces(["weird"])["weird"]?.isVirtual == false)
    }

    @Test("a link that is down has no speed, and states are spelled as netlink's")
    func downLink() throws {
        let fixture = try Self.fixture()
        try fixture.write("sys/devices/pci0000:00/net/eth0/operstate", "lowerlayerdown\n")
        try fixture.write("sys/devices/pci0000:00/net/eth0/speed", "-1\n")
        try fixture.write("sys/devices/pci0000:00/net/eth0/flags", "0x1002\n")
        let interface = try fixture.host.interfaces(["eth0"])["eth0"]
        #expect(interface?.state == .lowerLayerDown)
        #expect(interface?.isEnabled == false)
        #expect(interface?.speed == nil && interface?.isFullDuplex == nil)
    }

    @Test("a container's own sysfs is not taken for the host's")
    func ownSysfs() throws {
        let fixture = try Self.fixture()
        try fixture.write("proc/1/mountinfo", "23 27 0:9999 / /sys rw,relatime shared:7 - sysfs sysfs rw\n")
        let error = #expect(throws: HostFileError.self) { try fixture.host.interfaces(["eth0"]) }
        #expect(error?.hint == Host.hint(toMount: .sys))
    }

    @Test("of several sysfs the one counts that process 1 has as its own, wherever it stands among the mounts")
    func severalSysfs() throws {
        let fixture = try Self.fixture()
        let own = try String(contentsOfFile: fixture.path("proc/1/mountinfo"), encoding: .utf8)
        let other = "40 27 0:9999 / /run/netns/x/sys rw,relatime - sysfs sysfs rw\n"
        // More than one read takes, so that what was read first ends within a line.
        let many = (0..<300).map { "\(100 + $0) 27 0:\(5000 + $0) / /mnt/\($0) rw shared:\($0) - tmpfs tmpfs rw\n" }
        for mounts in [
            other + own, other + many.joined() + own, own + other, many.joined() + other + own + many.joined(),
        ] {
            try fixture.write("proc/1/mountinfo", mounts)
            #expect(try fixture.host.interfaces(["eth0"]).count == 1)
        }
        // One that process 1 has elsewhere may show another namespace's interfaces.
        let elsewhere = own.replacing(" /sys ", with: " /run/netns/x/sys ")
        try fixture.write("proc/1/mountinfo", elsewhere + "23 27 0:9999 / /sys rw - sysfs sysfs rw\n")
        #expect(throws: HostFileError.self) { try fixture.host.interfaces(["eth0"]) }
    }

    @Test("a name with a slash reads nothing")
    func hostileName() throws {
        #expect(try Self.fixture().host.interfaces(["../eth0", ".."]).isEmpty)
    }

    @Test("on the host's network netlink tells, and the machine's sysfs agrees")
    func live() throws {
        guard let links = try Self.live.links() else {
            #expect(Self.live.scope != .host)
            return
        }
        let interfaces = try Self.live.interfaces(links.map(\.name))
        #expect(interfaces["lo"]?.isEnabled == true)
        #expect(Set(interfaces.keys).isSuperset(of: ["lo"]))
    }
}
