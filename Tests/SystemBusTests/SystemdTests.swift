import TestSupport
import Testing

@testable import SystemBus

@Suite struct SystemdTests {
    static func list(_ units: [(name: String, active: String, sub: String)], to serial: UInt32 = 2) -> [UInt8] {
        Wire.reply(to: serial, signature: SystemdUnit.listSignature) { body in
            body.array(8) { list in
                for unit in units {
                    list.align(8)
                    for text in [unit.name, "It is \(unit.name)", "loaded", unit.active, unit.sub, ""] {
                        list.string(text)
                    }
                    list.string("/org/freedesktop/systemd1/unit/\(unit.name)")
                    list.uint32(0)
                    list.string("")
                    list.string("/")
                }
            }
        }
    }

    @Test("the list of units is read")
    func units() throws {
        let bytes = Self.list([("a.service", "active", "running"), ("b.timer", "failed", "failed")])
        let reply = try #require(try BusReply(bytes))
        let units = try SystemdUnit.list(try reply.body(SystemdUnit.listSignature))
        #expect(units.map(\.name) == ["a.service", "b.timer"])
        #expect(units.map(\.isService) == [true, false])
        #expect(units.map(\.isTimer) == [false, true])
        #expect(units[1].active == "failed")
        #expect(units[0].path == "/org/freedesktop/systemd1/unit/a.service")
        #expect(units[0].description == "It is a.service")
    }

    @Test("a timer's times are read from all its properties, and never means never")
    func timer() throws {
        let bytes = Wire.reply(to: 2, signature: "a{sv}") { body in
            body.array(8) { list in
                list.align(8)
                list.string("Unit")
                list.signature("s")
                list.string("backup.service")
                for (name, value) in [
                    ("LastTriggerUSec", 1_700_000_000_000_000), ("NextElapseUSecRealtime", UInt64.max),
                    ("NextElapseUSecMonotonic", 86_400_000_000), ("AccuracyUSec", 60_000_000),
                ] {
                    list.align(8)
                    list.string(name)
                    list.signature("t")
                    list.uint64(value)
                }
            }
        }
        let timer = try Systemd.timer(try #require(try BusReply(bytes)))
        #expect(
            timer
                == SystemdTimer(
                    lastRun: 1_700_000_000,
                    nextRun: nil,
                    nextRunAwake: 86_400,
                    startedAt: nil,
                    accuracy: 60
                )
        )
    }

    @Test("a signal is called a signal, an exit status one")
    func ends() {
        #expect(Systemd.named(["exit_code": "1", "exit_status": "3"]) == ["exit_status": "3"])
        #expect(
            Systemd.named(["exit_code": "2", "exit_status": "9", "type": "simple"]) == [
                "signal": "9", "type": "simple",
            ]
        )
        #expect(Systemd.named(["exit_code": "3", "exit_status": "11"]) == ["signal": "11"])
        #expect(Systemd.named(["exit_code": "0", "exit_status": "0"]) == ["exit_status": "0"])
        #expect(Systemd.named([:]) == [:])
    }

    @Test("any bytes are read without a crash")
    func anyBytes() throws {
        var generator = SeededGenerator(state: 11)
        let whole = Self.list([("a.service", "active", "running"), ("b.timer", "failed", "failed")])
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0 ... .max, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0...min(40, bytes.count - 1), using: &generator))
            guard let reply = try? BusReply(bytes), let body = try? reply.body(SystemdUnit.listSignature) else {
                continue
            }
            _ = try? SystemdUnit.list(body)
        }
    }
}
