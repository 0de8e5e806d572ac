import TestSupport
import Testing

@testable import Procfs

@Suite struct BlockDeviceTests {
    @Test(
        "what a disk stores on is told by its queue, except where that says nothing",
        arguments: [
            ("linux-3.10", "sda", BlockDevice.Medium.hdd), ("linux-3.10", "cciss/c0d0", .hdd),
            ("linux-4.18", "nvme0n1", .nvme), ("linux-5.15", "sda", .ssd), ("linux-6.12", "mmcblk0", .other),
            ("debian-12", "vda", .ssd),
        ]
    )
    func media(host: String, name: String, medium: BlockDevice.Medium) throws {
        #expect(try HostFixture(host).host.blockDevice(name)?.medium == medium)
    }

    @Test func aDiskThatDoesNotSayIsOther() throws {
        let fixture = try HostFixture()
        try fixture.write("sys/block/vda/queue/rotational", "maybe\n")
        #expect(try fixture.host.blockDevice("vda") == BlockDevice(medium: .other))
    }

    @Test func partitionsAreNoDisks() throws {
        #expect(try HostFixture("linux-6.1").host.blockDevice("sda1") == nil)
        for name in ["", ".", "..", String(repeating: "x", count: 300)] {
            #expect(try HostFixture("linux-6.1").host.blockDevice(name) == nil)
        }
    }

    @Test func whatIsMadeOfOthersNamesThem() throws {
        let host = try HostFixture("linux-6.1").host
        #expect(try host.blockDevice("md1")?.members == ["sda1", "sdb1"])
        let mapped = BlockDevice(medium: .hdd, members: ["md1"], mapperName: "vg0-data")
        #expect(try host.blockDevice("dm-0") == mapped)
    }

    @Test func aMapperNameIsSafeToShow() throws {
        let fixture = try HostFixture("linux-6.1")
        try fixture.write("sys/block/dm-0/dm/name", "vg\u{1B}[2J\n")
        #expect(try fixture.host.blockDevice("dm-0")?.mapperName == "vg\u{FFFD}[2J")
        try fixture.write("sys/block/dm-0/dm/name", "")
        #expect(try fixture.host.blockDevice("dm-0")?.mapperName == nil)
    }

    @Test func withoutSysfsTheRemedyIsTold() throws {
        let fixture = try HostFixture()
        try fixture.remove("sys")
        let error = #expect(throws: HostFileError.self) { try fixture.host.blockDevice("vda") }
        #expect(error?.hint == "mount the host's sysfs: -v /sys:/host/sys:ro")
    }

    @Test(arguments: ["", "2\n", "x\n", "1", "-1\n"])
    func anotherFlagIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try RotationalFlag(parsing: text) }
    }
}
