import TestSupport
import Testing

@testable import Procfs

@Suite struct DiskStatsTests {
    @Test(
        "fourteen, eighteen and twenty columns are read",
        arguments: [("linux-3.10", "sda", 0), ("linux-4.18", "nvme0n1", 40), ("linux-5.15", "sda", 100)]
    )
    func columnsOfThreeKernels(host: String, name: String, others: UInt64) throws {
        let devices = try HostFixture(host).host.diskStats().devices
        let device = try #require(devices.first { $0.name == name })
        let expected = DiskStats.Device(
            name: name,
            reads: 1000,
            readTime: 5000,
            writes: 500,
            writeTime: 15000,
            inFlight: 0,
            busyTime: 9000,
            others: others
        )
        #expect(device == expected)
    }

    @Test func namesMayHaveSlashes() throws {
        let names = try HostFixture("linux-3.10").host.diskStats().devices.map(\.name)
        #expect(names == ["sda", "sda1", "cciss/c0d0", "cciss/c0d0p1", "sr0"])
    }

    @Test func aMachineWithoutDisksHasAnEmptyFile() throws {
        #expect(try DiskStats(parsing: "").devices == [])
    }

    @Test func laterKernelsMayAddColumns() throws {
        let later = try HostFixture("debian-12", "unknown-columns").host
        #expect(try later.diskStats() == HostFixture().host.diskStats())
    }

    @Test func theLargestNumbersAreRead() throws {
        let device = try #require(try HostFixture("debian-12", "huge-values").host.diskStats().devices.first)
        #expect(device.reads == .max)
        #expect(device.others == .max)
    }

    @Test func theRunningKernelIsUnderstood() throws {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        let disks = try live.diskStats().devices.filter { try live.blockDevice($0.name) != nil }
        #expect(!disks.isEmpty)
    }

    @Test(arguments: [
        "\n", "8 0\n", "8 0 sda\n", "8 x sda 1 2 3 4 5 6 7 8 9 10 11\n", "8 0 sda 1 2 3 4 5 6 7 8 9 10\n",
        "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12\n", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 1 2 3 4 x\n",
        "8 0 sda 1 2 3 -4 5 6 7 8 9 10 11\n", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try DiskStats(parsing: text) }
    }
}
