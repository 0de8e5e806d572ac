import Basics
import TestSupport
import Testing

@testable import Procfs

@Suite struct ScrubberTests {
    private static func scrubber() -> Scrubber {
        var scrubber = Scrubber()
        scrubber.know(host: "bigbank-db.corp.example")
        scrubber.know(.userName, "alice")
        return scrubber
    }

    private static func scrub(_ text: String, _ scrubbing: Scrubbing) -> String {
        var scrubber = scrubber()
        return String(decoding: scrubber.scrub(Array(text.utf8), scrubbing), as: UTF8.self)
    }

    /// A file's kind, what is in it, and what must not be left of it.
    struct Secret: Sendable, CustomTestStringConvertible {
        var kind: Scrubbing
        var text: String
        var hidden: [String]
        var kept: [String] = []
        var testDescription: String { "\(kind): \(text.prefix(60))" }
    }

    static let container = String(repeating: "0f3a", count: 16)

    static let secrets: [Secret] = [
        Secret(
            kind: .figures,
            text: "be47a427-bbe4-4553-8096-fb238a711d1b\n",
            hidden: ["be47a427", "fb238a711d1b"],
            kept: ["00000000-0000-4000-8000-000000000001\n"]
        ),
        Secret(
            kind: .figures,
            text: "id 4f5d8f1e9c3b4a7d8e6f0a1b2c3d4e5f\n",
            hidden: ["4f5d"],
            kept: ["id 0000000000000"]
        ),
        Secret(
            kind: .figures,
            text: "Local:\n  |-- 10.1.2.3\n     /32 host LOCAL\n",
            hidden: ["10.1.2"],
            kept: ["/32 host"]
        ),
        Secret(kind: .figures, text: "via 2a02:8070::5 dev\n", hidden: ["2a02"], kept: ["via 2001:db8:"]),
        Secret(
            kind: .hostName,
            text: "# made by bob\nbigbank-db.corp.example\n",
            hidden: ["bigbank", "bob"],
            kept: ["host-1\n"]
        ),
        Secret(
            kind: .users,
            text: "root:x:0:0:root:/root:/bin/bash\nalice:$6$salt$hash:1000:1000:Alice Doe,,+49:/home/alice:/bin/zsh\n",
            hidden: ["alice", "Alice", "hash", "+49", "zsh"],
            kept: ["root:x:0:", "user-1:x:1000:"]
        ),
        Secret(
            kind: .bond,
            text:
                "Bonding Mode: 802.3ad\nSlave Interface: uplink-muc\nMII Status: up\nPermanent HW addr: 3c:fd:fe:aa:bb:cc\n",
            hidden: ["muc", "3c:fd"],
            kept: ["Slave Interface: if-1\n", "00:00:5e:00:53:01", "MII Status: up"]
        ),
        Secret(
            kind: .devices,
            text: "wg-bigbank: 1 2 3\n  eth0: 1 2 3\nenx3cfdfeaabbcc: 4 5 6\nbr-1a2b3c4d5e6f: 7 8 9\n",
            hidden: ["bigbank", "3cfdfe", "1a2b3c"],
            kept: ["if-1: 1 2 3", "  eth0: 1 2 3", "enx00005e005301: 4 5 6", "br-2: 7 8 9"]
        ),
        Secret(
            kind: .devices,
            text: "enx00005e0053é: 1 2 3\nbr-éé: 4 5 6\n",
            hidden: ["é"],
            kept: ["if-1: 1 2 3", "br-2: 4 5 6"]
        ),
        Secret(
            kind: .interfaceEvents,
            text: "INTERFACE=wg-bigbank\nOF_NAME=serial-77\nDEVTYPE=vlan\n",
            hidden: ["big", "77"],
            kept: ["DEVTYPE=vlan"]
        ),
        Secret(
            kind: .routes,
            text: "Iface\tDestination\tGateway\neth0\t0000010A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n",
            hidden: ["0000010A"],
            kept: ["Iface\tDestination", "00FFFFFF"]
        ),
        Secret(
            kind: .routes6,
            text:
                "2a028070000000000000000000000000 40 00000000000000000000000000000000 00 fe80000000000000025056fffeaabbcc 00000400 00000001 00000000 00000003     eth0\n",
            hidden: ["2a0280", "025056"],
            kept: ["20010db8", "fe80000000000000", " 00000400 ", "    eth0"]
        ),
        Secret(
            kind: .addresses6,
            text: "2a02807000000000025056fffeaabbcc 02 40 00 00     eth0\n",
            hidden: ["2a028070", "025056"],
            kept: ["20010db8", " 02 40 00 00     eth0"]
        ),
        Secret(
            kind: .sockets,
            text:
                "   1: 0502010A:1F90 0702010A:C350 08 00000000:00000001 00:00000000 00000000  1000        0 24158 1 ffff88003d3af3c0 100 0\n",
            hidden: ["0502010A", "0702010A", "ffff8800"],
            kept: [":1F90 ", ":C350 08 00000000:00000001", " 24158 "]
        ),
        Secret(
            kind: .sockets6,
            text:
                "   0: 7080022A000000000000000005000000:01BB 0000000000000000FFFF00000702010A:9C40 01 00000000:00000000 00:00000000 00000000 33 0 14103 1 0 1\n",
            hidden: ["7080022A", "0702010A"],
            kept: ["B80D0120", "0000000000000000FFFF0000", ":01BB", " 14103 "]
        ),
        Secret(
            kind: .mountInfo,
            text:
                "40 28 0:45 /secretdir /mnt/big\\040bank rw,relatime shared:30 - nfs4 files.bigbank.example:/export/alice rw,addr=10.1.2.9,clientaddr=10.1.2.3,sec=sys,vers=4.2\n",
            hidden: ["secretdir", "bank", "alice", "10.1.2"],
            kept: ["40 28 0:45 ", " rw,relatime shared:30 - nfs4 ", "sec=sys", "vers=4.2"]
        ),
        Secret(
            kind: .mountTable,
            text:
                "//nas.bigbank.example/share /home/alice cifs rw,username=alice,password=12345,domain=CORP,uid=1000,vers=3.1.1 0 0\n",
            hidden: ["nas", "bank", "alice", "12345", "CORP"],
            kept: [" cifs rw,", "uid=1000", " 0 0\n"]
        ),
        Secret(
            kind: .mountTable,
            text:
                "overlay /var/lib/docker/overlay2/\(container)/merged overlay rw,lowerdir=/var/lib/docker/overlay2/l/QWERTZ:/var/lib/docker/overlay2/l/ASDF 0 0\n",
            hidden: [container, "QWERTZ", "ASDF"],
            kept: ["overlay /var/lib/docker/overlay2/0000", "/merged overlay rw,lowerdir=/var/lib/docker/"]
        ),
        Secret(
            kind: .mountTable,
            text: "/dev/mapper/luks-0a3407de-1111-2222-3333-444455556666 / ext4 rw,data=ordered 0 0\n",
            hidden: ["luks", "0a3407de"],
            kept: ["/dev/mapper/volume-1 / ext4 rw,data=ordered"]
        ),
        Secret(
            kind: .fileSystemTable,
            text:
                "# by Alice, tel. 123\nUUID=0a3407de-1111-2222-3333-444455556666 / ext4 errors=remount-ro 0 1\nLABEL=PAYROLL /mnt/payroll xfs nofail\n10.1.2.9:/vol /mnt nfs credentials=/etc/nas.secret 0 0 # Room12\n",
            hidden: ["Alice", "0a34", "PAYROLL", "payroll", "10.1.2.9", "nas.secret", "Room12"],
            kept: ["UUID=0000", "errors=remount-ro 0 1", "LABEL=label-1", " xfs nofail\n", "credentials=value"]
        ),
        Secret(kind: .volumeName, text: "bigbank-payroll\n", hidden: ["bank", "payroll"], kept: ["volume-1\n"]),
        Secret(
            kind: .commandLine,
            text: "/usr/sbin/mysqld\0--password=hunter2\0-ptopsecret\0alice@10.1.2.3\0",
            hidden: ["hunter2", "topsecret", "alice", "10.1"],
            kept: ["/usr/sbin/mysqld\0x\0x\0x\0"]
        ),
        Secret(
            kind: .commandLine,
            text: "postgres: alice payroll 10.1.2.3(5432) idle\0",
            hidden: ["alice", "payroll", "10.1"],
            kept: ["postgres\0"]
        ),
        Secret(
            kind: .controlGroups,
            text: "4:freezer:/docker/\(container)\n0::/system.slice/docker-\(container).scope\n",
            hidden: [container],
            kept: ["4:freezer:/docker/0000", "0::/system.slice/docker-0000", "1.scope\n"]
        ),
        Secret(
            kind: .controlGroups,
            text:
                "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a3407de_1111_2222_3333_444455556666.slice/cri-containerd-\(container).scope\n",
            hidden: ["0a3407de", container],
            kept: [
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod00000000_0000_4000_8000_000000000001.slice/"
            ]
        ),
        Secret(
            kind: .controlGroups,
            text: "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-bigbank.service\n",
            hidden: ["bank"],
            kept: ["0::/user.slice/user-1000.slice/user@1000.service/app.slice/unit-1.service"]
        ),
        Secret(
            kind: .processLine,
            text:
                "412 (alice job (x)) S 1 412 412 0 -1 4194304 98 0 0 0 0 0 0 0 20 0 1 0 2406863 3133440 361 18446744073709551615 94026 94999 140722 0 0 0\n",
            hidden: ["alice", "94026", "140722"],
            kept: ["412 (user-1 job (x)) S 1 412", " 20 0 1 0 2406863 3133440 361 "]
        ),
        Secret(
            kind: .processStatus,
            text: "Name:\tbigbank-db\nPPid:\t1\nUid:\t0\t0\t0\t0\n",
            hidden: ["bank"],
            kept: ["Name:\thost-", "PPid:\t1"]
        ),
        Secret(
            kind: .kernelLog,
            text:
                "6,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,cpuset=bigjob.slice,oom_memcg=/docker/\(container),task_memcg=/docker/\(container),task=alice,pid=4711,uid=0\n3,2,3,-;INFO: task cp:4711 blocked in I/O wait for more than 120 seconds.\n",
            hidden: [container, "alice", "bigjob"],
            kept: [
                "task_memcg=/docker/0000", "task=user-1,pid=4711",
                "INFO: task cp:4711 blocked in I/O wait for more than 120 seconds.",
            ]
        ),
    ]

    @Test("what tells whose machine it is is gone, what the parsers read stays", arguments: secrets)
    func secretsAreGone(secret: Secret) {
        let made = Self.scrub(secret.text, secret.kind)
        for word in secret.hidden { #expect(!made.contains(word), "\(made)") }
        for word in secret.kept { #expect(made.contains(word), "\(made)") }
    }

    @Test("what was scrubbed stays as it is when it is scrubbed again", arguments: secrets)
    func idempotence(secret: Secret) {
        let once = Self.scrub(secret.text, secret.kind)
        var second = Scrubber()
        #expect(String(decoding: second.scrub(Array(once.utf8), secret.kind), as: UTF8.self) == once)
    }

    @Test("the same has the same substitute in every file")
    func relations() {
        var scrubber = Self.scrubber()
        func scrub(_ text: String, _ kind: Scrubbing) -> String {
            String(decoding: scrubber.scrub(Array(text.utf8), kind), as: UTF8.self)
        }
        let mapper = scrub("vg0-pay\n", .volumeName)
        #expect(
            scrub("/dev/mapper/vg0-pay /srv xfs rw 0 0\n", .mountTable)
                == "/dev/mapper/\(mapper.dropLast()) /srv xfs rw 0 0\n"
        )
        let point = scrub("1 2 8:1 / /mnt/pay rw - xfs /dev/sda1 rw\n", .mountInfo).split(separator: " ")[4]
        #expect(scrub("/dev/sda1 /mnt/pay xfs rw 0 0\n", .mountTable).contains(" \(point) "))
        let dotted = scrub("|-- 10.1.2.5\n", .figures).dropFirst(4).dropLast()
        let socket = scrub("   1: 0502010A:1F90 00000000:0000 0A 0:0 0:0 0 0 0 1\n", .sockets)
        let bytes = dotted.split(separator: ".").reversed().map { Scrubber.digits(Int($0) ?? 0, 2) }.joined()
            .uppercased()
        #expect(socket.contains("\(bytes):1F90"))
        let user = scrub("alice:x:1000:1000::/:/\n", .users).split(separator: ":")[0]
        #expect(scrub("7 (alice) S 1\n", .processLine).contains("(\(user))"))
    }

    @Test("figures and the kernel's words stay as they are")
    func figuresStay() {
        for text in [
            "cpu  44327 2 12134 366900 3852 0 147 98 0 0\n",
            "some avg10=17.59 avg60=6.20 avg300=5.52 total=7713337260\n",
            "179769313486231570 9223372036854775807\n", "00000008 00000000 0000dead 0000beef\n",
            "face cafe added decade\n",
            "12:34:56 0:51 8:1\n", "0000:00:1f.2\n", "1.2.3\n", "127.0.0.1 0.0.0.0 ::1 :: 224.0.0.1\n",
        ] { #expect(Self.scrub(text, .figures) == text) }
        #expect(Self.scrub("6.6.87.2-microsoft-standard\n", .verbatim) == "6.6.87.2-microsoft-standard\n")
    }

    @Test("it counts what it replaced, each value once")
    func counts() {
        var scrubber = Scrubber()
        _ = scrubber.scrub(Array("10.0.0.1 10.0.0.1 10.0.0.2\n".utf8), .figures)
        _ = scrubber.scrub(Array("a\0b\0c\0".utf8), .commandLine)
        #expect(
            scrubber.counts.map { "\($0.count) \($0.subject.rawValue)" } == [
                "2 IPv4 addresses", "2 arguments of command lines",
            ]
        )
    }

    @Test("a word of every Linux is not replaced where somebody is called so")
    func commonWords() {
        var scrubber = Scrubber()
        for name in ["root", "data", "1000", "vm"] { scrubber.know(.userName, name) }
        #expect(scrubber.text("root data 1000 vm") == "root data 1000 vm")
        scrubber.know(.userName, "bob")
        #expect(scrubber.text("bob bobby x-bob") == "user-1 bobby x-user-1")
    }
}
