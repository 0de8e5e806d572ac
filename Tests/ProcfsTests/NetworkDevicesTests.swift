import TestSupport
import Testing

@testable import Procfs

@Suite struct NetworkDevicesTests {
    @Test("both directions' bytes, errors and drops are read")
    func complete() throws {
        let devices = try HostFixture().host.networkDevices()
        #expect(devices.scope == .host)
        #expect(devices.value.devices.map(\.name) == ["lo", "eth0", "docker0", "veth69b95f8"])
        let device = devices.value.devices[1]
        #expect((device.received.bytes, device.received.errors, device.received.drops) == (667_772_252, 7, 11))
        #expect((device.sent.bytes, device.sent.errors, device.sent.drops) == (1_096_823, 2, 1))
    }

    @Test("later kernels may add columns, older ones leave no blank behind the name")
    func otherKernels() throws {
        let known = try HostFixture().host.networkDevices().value
        #expect(try HostFixture("debian-12", "unknown-columns").host.networkDevices().value == known)
        let text = "Inter-| Receive | Transmit\n face |bytes errs drop|bytes errs drop\n  eth0:1 2 3 4 5 6\n"
        let devices = try NetworkDevices(parsing: text).devices
        #expect(devices.map(\.name) == ["eth0"] && devices[0].sent.drops == 6)
    }

    @Test("a name cannot harm")
    func hostileName() throws {
        let text = "Inter-| Receive | Transmit\n face |bytes errs drop|bytes errs drop\n e\u{1B}[2J: 1 2 3 4 5 6\n"
        #expect(try NetworkDevices(parsing: text).devices.map(\.name) == ["e\u{FFFD}[2J"])
    }

    @Test(arguments: [
        "", "a\n", "a\nb\n", "a\n f|bytes errs|bytes errs drop\n",
        "a\n f|bytes errs drop|bytes errs drop\n eth0 1 2 3\n", "a\n f|bytes errs drop|bytes errs drop\n eth0: 1 2 3\n",
        "a\n f|bytes errs drop|bytes errs drop\n eth0: 1 2 3 4 5 x\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try NetworkDevices(parsing: text) }
    }
}
