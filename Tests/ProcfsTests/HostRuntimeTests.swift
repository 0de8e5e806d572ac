import Glibc
import TestSupport
import Testing

@testable import Procfs

@Suite struct HostRuntimeTests {
    private func fixture() throws -> HostFixture {
        let fixture = try HostFixture()
        try fixture.write("run/systemd/system/x", "")
        return fixture
    }

    @Test("the bus is found in the host's runtime directory, by itself or below its root")
    func found() throws {
        let fixture = try fixture()
        try fixture.write("run/dbus/system_bus_socket", "")
        #expect(try fixture.host.systemBusSocket() == fixture.path("run/dbus/system_bus_socket"))
        try fixture.remove("run")
        try fixture.write("root/run/dbus/system_bus_socket", "")
        #expect(try fixture.host.systemBusSocket() == fixture.path("root/run/dbus/system_bus_socket"))
    }

    @Test("no mount and no bus have their remedies, no systemd has none")
    func absent() throws {
        let bare = try HostFixture()
        let unmounted = #expect(throws: HostFileError.self) { try bare.host.systemBusSocket() }
        #expect(unmounted?.hint == "mount the host's runtime directory: -v /run:/host/run:ro")
        let without = #expect(throws: HostFileError.self) { try fixture().host.systemBusSocket() }
        #expect(without?.hint?.hasPrefix("install a system bus") == true)
        try bare.write("run/lock/x", "")
        let other = #expect(throws: HostFileError.self) { try bare.host.systemBusSocket() }
        #expect(other == .absent(path: bare.path("run/dbus/system_bus_socket")))
        let nowhere = Host(roots: HostRoots(proc: "/nowhere", sys: "/nowhere"))
        #expect(throws: HostFileError.self) { try nowhere.systemBusSocket() }
    }

    @Test("chronyd's socket counts where we may write beside it")
    func chrony() throws {
        let fixture = try fixture()
        let run = fixture.path("run")
        #expect(Host.chronySocket(below: run) == nil)
        try fixture.write("run/chrony/chronyd.sock", "")
        #expect(Host.chronySocket(below: run) == "\(run)/chrony/chronyd.sock")
        // root may write anywhere, a user not.
        for folder in [fixture.folder, run, "\(run)/chrony"] { #expect(chmod(folder, 0o755) == 0) }
        #expect(try IsolatedThread.run(.unprivileged) { Host.chronySocket(below: run) } == nil)
    }
}
