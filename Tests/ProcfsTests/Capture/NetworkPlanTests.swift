import Testing

@testable import Procfs

@Suite struct NetworkPlanTests {
    @Test("hosts of one network stay in one, its edges stay edges")
    func networks() {
        var plan = NetworkPlan()
        plan.add(0x0A01_0000, mask: 0xFFFF_0000)
        let first = plan.address(0x0A01_0203)
        let second = plan.address(0x0A01_FE01)
        #expect(first != second)
        #expect(first & 0xFFFF_FF00 == 0xC000_0200)
        #expect(second & 0xFFFF_FF00 == 0xC000_0200)
        #expect(plan.address(0x0A01_0000) == 0xC000_0200)
        #expect(plan.address(0x0A01_FFFF) == 0xC000_02FF)
        #expect(plan.address(0x0A01_0203) == first)
        // A stranger is in none of them.
        #expect(plan.address(0x0808_0808) & 0xFFFF_0000 == 0xC613_0000)
        #expect(plan.count == 5)
    }

    @Test("a network for documentation keeps its place")
    func documentation() {
        var plan = NetworkPlan()
        plan.add(0xC000_0200, mask: 0xFFFF_FF00)
        plan.add(0x0A00_0000, mask: 0xFF00_0000)
        #expect(plan.address(0xC000_0207) == 0xC000_0207)
        #expect(plan.address(0x0A00_0001) & 0xFFFF_FF00 == 0xC633_6400)
    }

    @Test("nobody's, everybody's and loopback addresses stay")
    func constants() {
        for address: UInt32 in [0, 0x7F00_0035, 0xE000_0001, 0xFFFF_FFFF] { #expect(NetworkPlan.stays(address)) }
        #expect(!NetworkPlan.stays(0xC0A8_0001))
    }

    @Test("a network with more hosts than a substitute has goes on elsewhere")
    func manyHosts() {
        var plan = NetworkPlan()
        plan.add(0x0A00_0000, mask: 0xFF00_0000)
        let made = Set((1...1000).map { plan.address(0x0A00_0000 + UInt32($0)) })
        #expect(made.count == 1000)
        #expect(made.allSatisfy { NetworkPlan.stays($0) })
    }
}
