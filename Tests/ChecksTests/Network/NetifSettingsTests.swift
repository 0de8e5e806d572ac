import Basics
import Testing

@testable import Checks

@Suite struct NetifSettingsTests {
    private func settings(include: [String] = [], exclude: [String]? = nil) -> NetifSettings {
        var settings = NetifSettings()
        settings.include = include.compactMap { Glob($0) }
        if let exclude { settings.exclude = exclude.compactMap { Glob($0) } }
        return settings
    }

    @Test("virtual interfaces are left out by default, hardware, bonds and VLANs are not")
    func defaults() {
        let names = [
            "lo", "docker0", "veth1a2b", "br-0123", "virbr0", "cali12", "flannel.1", "cni0", "tun0", "wg0", "ifb0",
        ]
        #expect(names.filter { settings().covers($0) } == [])
        let real = ["eth0", "enp3s0f1", "eno1", "wlan0", "bond0", "team0", "eth0.100", "ib0", "br0"]
        #expect(real.filter { settings().covers($0) } == real)
    }

    @Test("what is included is watched, virtual or not, unless it is left out as well")
    func include() {
        #expect(settings(include: ["veth*"]).covers("veth1"))
        #expect(!settings(include: ["veth*"]).covers("eth0"))
        #expect(!settings(include: ["veth*"], exclude: ["veth2"]).covers("veth2"))
        #expect(settings(exclude: []).covers("lo"))
    }
}
