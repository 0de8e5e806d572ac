import TestSupport
import Testing

@testable import Procfs

@Suite struct SecurityModulesTests {
    @Test func selinuxEnforcesOrNot() throws {
        let fixture = try HostFixture("debian-12", "selinux")
        #expect(try fixture.host.selinuxMode() == .enforcing)
        #expect(try !fixture.host.isAppArmorEnabled())
        try fixture.write("sys/fs/selinux/enforce", "0")
        #expect(try fixture.host.selinuxMode() == .permissive)
    }

    @Test func aKernelWithoutTheModulesHasThemOff() throws {
        let fixture = try HostFixture()
        #expect(try fixture.host.selinuxMode() == .disabled)
        #expect(try fixture.host.isAppArmorEnabled())
        try fixture.remove("sys/module")
        #expect(try !fixture.host.isAppArmorEnabled())
    }

    @Test("a folder of SELinux without its files is no answer")
    func unmountedIsNotOff() throws {
        let fixture = try HostFixture()
        try fixture.write("sys/fs/selinux/.kept", "")
        let error = #expect(throws: HostFileError.self) { try fixture.host.selinuxMode() }
        #expect(error?.hint?.contains("with what is mounted below it") == true)
        try fixture.write("root/sys/fs/selinux/enforce", "1")
        #expect(try fixture.host.selinuxMode() == .enforcing)
    }

    @Test func withoutSysfsNothingIsKnown() throws {
        let fixture = try HostFixture()
        try fixture.remove("sys")
        for look in [{ _ = try fixture.host.selinuxMode() }, { _ = try fixture.host.isAppArmorEnabled() }] {
            let error = #expect(throws: HostFileError.self) { try look() }
            #expect(error?.hint == "mount the host's sysfs: -v /sys:/host/sys:ro")
        }
    }

    @Test(arguments: ["", "2", "x", "on"]) func anotherFlagIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try SELinuxEnforce(parsing: text) }
        #expect(throws: HostFileError.self) { try AppArmorEnabled(parsing: text + "\n") }
    }
}
