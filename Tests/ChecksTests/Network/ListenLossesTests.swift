import Netlink
import Testing

@testable import Checks
@testable import Procfs

@Suite struct ListenLossesTests {
    private func queue(_ inode: UInt64, drops: UInt32) -> ListenQueue {
        var queue = ListenQueue(family: .ipv4, port: 80, waiting: 0)
        queue.inode = inode
        queue.drops = drops
        return queue
    }

    @Test("the first look has no losses; later ones have what each socket dropped since they were told")
    func losses() {
        let losses = ListenLosses()
        func look(_ queues: ListenQueue..., isTelling: Bool = true) -> [UInt64: UInt32] {
            losses.losses(of: queues, isTelling: isTelling)
        }
        #expect(look(queue(1, drops: 100), queue(2, drops: 0)) == [:])
        #expect(look(queue(1, drops: 100), queue(2, drops: 3)) == [2: 3])
        // Lost after the overflows were read: told with the next growth.
        #expect(look(queue(1, drops: 101), queue(2, drops: 3), isTelling: false) == [1: 1])
        #expect(look(queue(1, drops: 101), queue(3, drops: 7)) == [1: 1, 3: 7])
        #expect(look(queue(1, drops: 101), ListenQueue(family: .ipv4, port: 1, waiting: 0)) == [:])
    }

    @Test("a counter has grown only beyond the one seen before")
    func growth() {
        let losses = ListenLosses()
        #expect([5, 5, 6, 2, 3].map { losses.hasGrown(to: $0) } == [false, false, true, false, true])
    }
}
