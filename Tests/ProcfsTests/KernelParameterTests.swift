import Glibc
import TestSupport
import Testing

@testable import Procfs

@Suite struct KernelParameterTests {
    @Test func valuesArePartedByBlanks() throws {
        #expect(try KernelParameter(parsing: "4096\t131072\t6291456\n").values == ["4096", "131072", "6291456"])
        #expect(try KernelParameter(parsing: "\n").values == [])
        #expect(try KernelParameter(parsing: "a b\nc\n").values == ["a", "b", "c"])
    }

    @Test(arguments: ["", "60", "6\0\n"]) func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try KernelParameter(parsing: text) }
    }

    @Test(
        "the first separator decides what a dot is",
        arguments: [
            ("vm.swappiness", "vm/swappiness"),
            ("net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"),
            ("net/ipv4/conf/eth0.100/rp_filter", "net/ipv4/conf/eth0.100/rp_filter"),
        ]
    )
    func names(text: String, path: String) throws {
        let name = try #require(ParameterName(text))
        #expect(name.path == path)
        #expect(name.description == text)
    }

    @Test(arguments: [
        "", "vm", "vm..swappiness", "net/../../etc/passwd", "/etc/passwd", "vm.a b", "vm/./x", ".vm.x", "vm.x.",
    ])
    func whatLeadsElsewhereIsNoName(text: String) {
        #expect(ParameterName(text) == nil)
    }

    @Test(
        "what the kernel keeps apart for each container is known",
        arguments: [
            ("vm.swappiness", nil), ("net.core.somaxconn", ReaderNamespace.network), ("kernel.shmmax", .ipc),
            ("kernel.msgmni", .ipc), ("kernel.sem", .ipc), ("fs.mqueue.msg_max", .ipc), ("fs.file-max", nil),
            ("kernel.hostname", .uts), ("kernel.pid_max", .pid), ("user.max_net_namespaces", .user),
            ("kernel.panic", nil), ("net.netfilter.nf_conntrack_max", nil),
        ]
    )
    func namespaces(text: String, namespace: ReaderNamespace?) throws {
        #expect(try #require(ParameterName(text)).namespace == namespace)
    }

    @Test func parametersAreReadBelowTheHostsProcfs() throws {
        let fixture = try HostFixture()
        try fixture.write("proc/sys/net/ipv4/conf/eth0.100/rp_filter", "2\n")
        let name = try #require(ParameterName("net.ipv4.conf.eth0/100.rp_filter"))
        #expect(try fixture.host.kernelParameter(name).values == ["2"])
        let other = try #require(ParameterName("vm.frobnication"))
        #expect(throws: HostFileError.absent(path: fixture.path("proc/sys/vm/frobnication"))) {
            try fixture.host.kernelParameter(other)
        }
    }

    @Test("S29 a parameter of a namespace is the host's only for who shares it")
    func scope() throws {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        let (swappiness, backlog) = (ParameterName("vm.swappiness"), ParameterName("net.core.somaxconn"))
        let (swap, net) = (try #require(swappiness), try #require(backlog))
        #expect(live.scope(of: swap) == .host)
        #expect(live.scope(of: net) == (live.sharesNetwork == true ? .host : .container))
        try IsolatedThread.run(.network) { #expect(live.scope(of: net) == .container) }
        // A captured tree says nothing of who reads it.
        #expect(try HostFixture().host.scope(of: net) == .unknown)
        let shared = try #require(ParameterName("kernel.shmmax"))
        #expect(try HostFixture().host.scope(of: shared) == .unknown)
    }

    @Test("the first namespaces of the machine have numbers that do not change")
    func firstNamespaces() throws {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        let text = try #require(ParameterName("kernel.shmmax"))
        var facts = stat()
        #expect(stat("/proc/self/ns/ipc", &facts) == 0)
        #expect(live.scope(of: text) == (facts.st_ino == 4_026_531_839 ? .host : .container))
    }

    @Test("before Linux 6.14 every PID namespace shows the machine's limit")
    func thePIDLimit() throws {
        let fixture = try HostFixture()
        let name = try #require(ParameterName("kernel.pid_max"))
        try fixture.write("proc/sys/kernel/osrelease", "6.14.0-rc1\n")
        #expect(fixture.host.scope(of: name) == .unknown)
        try fixture.write("proc/sys/kernel/osrelease", "6.13.9-arch1\n")
        #expect(fixture.host.scope(of: name) == .host)
        try fixture.write("proc/sys/kernel/osrelease", "3.10.0-1160.el7.x86_64\n")
        #expect(fixture.host.scope(of: name) == .host)
        try fixture.write("proc/sys/kernel/osrelease", "six.1\n")
        #expect(fixture.host.scope(of: name) == .unknown)
    }

    @Test func theKernelsNameOfTheHostIsAbsentToAContainer() throws {
        let error = #expect(throws: HostFileError.self) { try HostFixture().host.kernelHostName() }
        #expect(error?.hint?.contains("/host/root:ro") == true)
    }
}
