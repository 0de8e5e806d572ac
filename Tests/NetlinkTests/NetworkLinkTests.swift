import CLinux
import TestSupport
import Testing

@testable import Netlink

@Suite struct NetworkLinkTests {
    /// A message as the kernel writes it.
    private static func message(index: Int32 = 3, flags: UInt32 = 0x1843, _ attributes: [UInt8]...) -> [UInt8] {
        let header = [0, 0, 1, 0] as [UInt8] + Recording.bytes(of: index) + Recording.bytes(of: flags, 0 as UInt32)
        return header + attributes.flatMap { $0 }
    }

    private static let name = Recording.attribute(Int(IFLA_IFNAME), Array("eth1\0".utf8))

    private static func link(_ message: [UInt8]) throws(NetlinkError) -> NetworkLink {
        try NetworkLink(message.span.bytes)
    }

    @Test("name, state, kind, master and changes of the carrier are read")
    func complete() throws {
        let information = Recording.attribute(Int(IFLA_INFO_KIND), Array("vlan\0".utf8))
        let link = try Self.link(
            Self.message(
                Self.name,
                Recording.attribute(Int(IFLA_OPERSTATE), [3]),
                Recording.attribute(Int(IFLA_MASTER), Recording.bytes(of: Int32(7))),
                Recording.attribute(Int(IFLA_CARRIER_CHANGES), Recording.bytes(of: UInt32(9))),
                Recording.attribute(Int(IFLA_LINKINFO), information)
            )
        )
        #expect(
            link
                == NetworkLink(
                    index: 3,
                    name: "eth1",
                    state: .lowerLayerDown,
                    isEnabled: true,
                    kind: "vlan",
                    master: 7,
                    carrierChanges: 9
                )
        )
    }

    @Test("hardware of an old kernel has no kind, and its state may be one that is not known")
    func sparse() throws {
        let link = try Self.link(Self.message(flags: 0, Self.name, Recording.attribute(Int(IFLA_OPERSTATE), [200])))
        #expect(link == NetworkLink(index: 3, name: "eth1", state: .unknown, isEnabled: false))
    }

    @Test("a message without a name, or too short, is refused")
    func broken() {
        #expect(throws: NetlinkError.malformed(because: "a link has no name")) { try Self.link(Self.message()) }
        #expect(throws: NetlinkError.malformed(because: "a link's message is too short")) { try Self.link([1, 2]) }
        #expect(throws: NetlinkError.self) { try Self.link(Self.message([9, 0, 3, 0])) }
    }

    @Test("the links are those of the thread's own network namespace")
    func live() throws {
        try IsolatedThread.run(.network) {
            let links = try NetworkLink.all()
            let loopback = try #require(links.first { $0.name == "lo" })
            #expect(loopback.index == 1 && loopback.isEnabled && loopback.isLoopback && loopback.kind == nil)
            #expect(!links.contains { $0.name == "eth0" })
        }
    }
}
