import FoundationEssentials
import Netlink
import TestSupport
import Testing

@testable import Procfs

@Suite struct HostInterfacesTests {
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
        let interfaces = try fixture.host.interfaces(["eth0", "weird", "gone"], nil)
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
        #expect(try fixture.host.interfaces(["weird"], nil)["weird"]?.isVirtual == false)
    }

    @Test("a link that is down has no speed, and states are spelled as netlink's")
    func downLink() throws {
        let fixture = try Self.fixture()
        try fixture.write("sys/devices/pci0000:00/net/eth0/operstate", "lowerlayerdown\n")
        try fixture.write("sys/devices/pci0000:00/net/eth0/speed", "-1\n")
        try fixture.write("sys/devices/pci0000:00/net/eth0/flags", "0x1002\n")
        let interface = try fixture.host.interfaces(["eth0"], nil)["eth0"]
        #expect(interface?.state == .lowerLayerDown)
        #expect(interface?.isEnabled == false)
        #expect(interface?.speed == nil && interface?.isFullDuplex == nil)
    }

    @Test("a container's own sysfs is not taken for the host's")
    func ownSysfs() throws {
        let fixture = try Self.fixture()
        try fixture.write("proc/1/mountinfo", "23 27 0:9999 / /sys rw,relatime shared:7 - sysfs sysfs rw\n")
        let error = #expect(throws: HostFileError.self) { try fixture.host.interfaces(["eth0"], nil) }
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
            #expect(try fixture.host.interfaces(["eth0"], nil).count == 1)
        }
        // One that process 1 has elsewhere may show another namespace's interfaces.
        let elsewhere = own.replacing(" /sys ", with: " /run/netns/x/sys ")
        try fixture.write("proc/1/mountinfo", elsewhere + "23 27 0:9999 / /sys rw - sysfs sysfs rw\n")
        #expect(throws: HostFileError.self) { try fixture.host.interfaces(["eth0"], nil) }
    }

    @Test("a name with a slash reads nothing")
    func hostileName() throws {
        #expect(try Self.fixture().host.interfaces(["../eth0", ".."], nil).isEmpty)
    }

    @Test("on the host's network netlink tells, and the machine's sysfs agrees")
    func live() throws {
        // A sysfs shows the network of whoever mounted it: this thread's is seen where the process's own is.
        let host = Host(roots: HostRoots(proc: try HostFixture.ofThisProcess().roots.proc, sys: "/sys"))
        let links = try #require(try host.links())
        let names = links.map(\.name)
        let files = try host.interfaces(names, nil)
        // What changed meanwhile cannot be compared.
        let later = try #require(try host.links())
        let told = try host.interfaces(names, links.filter(later.contains))
        #expect(told["lo"]?.isEnabled == true && told["lo"]?.isVirtual == true)
        for (name, interface) in told {
            let file = try #require(files[name])
            #expect(file.isEnabled == interface.isEnabled, "\(name)")
            #expect(file.isVirtual == interface.isVirtual, "\(name)")
            #expect(file.carrierChanges == interface.carrierChanges, "\(name)")
            #expect(file.state == interface.state, "\(name)")
            #expect(file.speed == interface.speed && file.isFullDuplex == interface.isFullDuplex, "\(name)")
        }
    }

    @Test("a VLAN's speed is its hardware's, and told there, by netlink and by files")
    func speedOfHardware() throws {
        let fixture = try Self.fixture()
        try fixture.write("sys/devices/virtual/net/weird/uevent", "DEVTYPE=vlan\n")
        let links = [
            NetworkLink(index: 2, name: "eth0", state: .up, isEnabled: true, carrierChanges: 4),
            NetworkLink(index: 3, name: "weird", state: .up, isEnabled: true, kind: "vlan", carrierChanges: 4),
        ]
        let files = try fixture.host.interfaces(["eth0", "weird"], nil)
        #expect(files["eth0"]?.speed == 1e9 && files["weird"]?.speed == nil && files["weird"]?.isFullDuplex == nil)
        #expect(try fixture.host.interfaces(["eth0", "weird"], links) == files)
    }

    @Test("a speed that is not known is none, as kernels before 3.19 spell it, too", arguments: ["-1", "4294967295"])
    func unknownSpeed(text: String) throws {
        let fixture = try Self.fixture()
        try fixture.write("sys/devices/pci0000:00/net/eth0/speed", text + "\n")
        #expect(try fixture.host.interfaces(["eth0"], nil)["eth0"]?.speed == nil)
    }
}
