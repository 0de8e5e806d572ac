import Glibc
import SystemPackage
import Testing

@testable import Netlink

@Suite struct NetlinkErrorTests {
    @Test("what is forbidden, what is missing and what failed are told apart")
    func kinds() {
        #expect([EPERM, EACCES].map { NetlinkError(errno: $0) } == [.denied, .denied])
        // Without the kernel's module for sockets, the answer is ENOENT.
        #expect([EPROTONOSUPPORT, EAFNOSUPPORT, ENOENT].allSatisfy { NetlinkError(errno: $0) == .unsupported })
        #expect(NetlinkError(errno: ENOBUFS) == .failed(.noBufferSpace))
    }
}
