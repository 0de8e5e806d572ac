import Basics
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import SystemBus

/// A bus that answers by script, on a thread of its own.
private final class BusStub: Sendable {
    let path: String
    private let folder: TemporaryFolder
    private let listener: Int32

    /// - Parameters:
    ///   - greeting: What follows the client's sign-in.
    ///   - answers: What goes back for the call with a serial number; the connection ends where it is nil.
    /// - Throws: When there is no socket to be had.
    init(
        greeting: String = "DATA\r\nOK 1234\r\n",
        answers: @escaping @Sendable (UInt32) -> [UInt8]?
    ) throws {
        folder = try TemporaryFolder()
        path = folder.file("bus")
        listener = try Self.listen(at: path)
        spawnThread { [listener] in Self.serve(listener, greeting, answers) }
    }

    deinit {
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
    }

    private static func listen(at path: String) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let handle = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, Glibc.listen(handle, 8) == 0 else { throw SystemFailureOfStub() }
        return handle
    }

    private struct SystemFailureOfStub: Error {}

    private static func serve(_ listener: Int32, _ greeting: String, _ answers: (UInt32) -> [UInt8]?) {
        let handle = accept(listener, nil, nil)
        guard handle >= 0 else { return }
        defer { close(handle) }
        var received: [UInt8] = []
        func more() -> Bool {
            var bytes = [UInt8](repeating: 0, count: 65536)
            let got = recv(handle, &bytes, bytes.count, 0)
            guard got > 0 else { return false }
            received += bytes[..<got]
            return true
        }
        func send(_ bytes: [UInt8]) { _ = Glibc.send(handle, bytes, bytes.count, CInt(MSG_NOSIGNAL)) }
        let end = Array("BEGIN\r\n".utf8)
        while received.firstRange(of: end) == nil { guard more() else { return } }
        received.removeSubrange(..<(received.firstRange(of: end)?.upperBound ?? 0))
        send(Array(greeting.utf8))
        while true {
            while let length = try? BusReply.length(received[...]), received.count >= length {
                let serial = received[8...11].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                received.removeFirst(length)
                guard let answer = answers(serial) else { return }
                send(answer)
            }
            guard more() else { return }
        }
    }
}

@Suite struct BusConnectionTests {
    private let time = SystemTime()

    private static func hello(_ serial: UInt32) -> [UInt8] {
        Wire.reply(to: serial, signature: "s") { $0.string(":1.7") }
    }

    private func look(_ path: String, patience: Duration = .seconds(10)) -> Result<UnitAnswers, BusError> {
        UnitSurvey(named: []).look(at: path, patience: patience, time: time)
    }

    @Test("one conversation signs in, says hello and lists the units")
    func conversation() throws {
        let units = (0..<2000).map { (name: "unit-\($0).service", active: "active", sub: "running") }
        let bus = try BusStub { serial in
            let signal = Wire.reply(to: 1, type: 4, signature: "") { _ in }
            return serial == 1 ? Self.hello(1) + signal : SystemdTests.list(units)
        }
        let answers = try look(bus.path).get()
        #expect(answers.units.count == 2000)
        #expect(answers.units.last?.name == "unit-1999.service")
    }

    @Test("a unit that is asked for by another name is chosen by both, and one that is only recognised is not added")
    func aliases() throws {
        // The list, then the two names that are not in it.
        let lists = [["real.timer", "other.service"], ["real.timer"], ["stranger.service"]]
        let bus = try BusStub { serial in
            if serial == 1 { return Self.hello(1) }
            guard serial <= 4 else { return nil }
            let units = lists[Int(serial) - 2].map { (name: $0, active: "active", sub: "running") }
            return SystemdTests.list(units, to: serial)
        }
        let asked = Mutex<[String: [String]]>([:])
        let survey = UnitSurvey(
            named: ["alias.timer", "other.service"],
            recognised: ["second.service", "real.timer"],
            wantsTimes: { unit, aliases in
                asked.withLock { $0[unit.name] = aliases }
                return false
            },
            wantsEvidence: { unit, aliases in
                asked.withLock { $0[unit.name] = aliases }
                return false
            }
        )
        let answers = try survey.look(at: bus.path, patience: .seconds(10), time: time).get()
        #expect(answers.units.map(\.name) == ["real.timer", "other.service"])
        #expect(answers.aliases == ["alias.timer": "real.timer", "second.service": "stranger.service"])
        #expect(asked.withLock(\.self) == ["real.timer": ["alias.timer"], "other.service": []])
    }

    private static func refusal(_ error: String, of serial: UInt32) -> [UInt8] {
        Wire.reply(to: serial, type: 3, signature: "s", error: error) { $0.string("no") }
    }

    @Test(
        "a property that cannot be read is noted, one that is not there is left out",
        arguments: [
            ("AccessDenied", true), ("NoReply", true), ("LimitsExceeded", true), ("UnknownProperty", false),
            ("UnknownObject", false), ("UnknownInterface", false), ("UnknownMethod", false),
        ]
    )
    func refusedProperties(error: String, isNoted: Bool) throws {
        let name = "org.freedesktop.DBus.Error.\(error)"
        let bus = try BusStub { serial in
            switch serial {
            case 1: Self.hello(1)
            case 2:
                SystemdTests.list([
                    ("a.service", "active", "running"), ("b.timer", "active", "waiting"),
                    ("c.timer", "active", "waiting"),
                ])
            // The restarts of one, the times of two, since when the second timer waits.
            case 3, 4, 6: Self.refusal(name, of: serial)
            case 5: Wire.reply(to: serial, signature: "a{sv}") { $0.array(8) { _ in } }
            default: nil
            }
        }
        let survey = UnitSurvey(
            named: [],
            countsRestarts: { unit, _ in unit.isService },
            wantsTimes: { _, _ in true }
        )
        let answers = try survey.look(at: bus.path, patience: .seconds(10), time: time).get()
        let failure = BusError.failed(name: name, message: "no")
        #expect(answers.unread == (isNoted ? ["a.service": failure, "b.timer": failure, "c.timer": failure] : [:]))
        #expect(answers.restarts.isEmpty)
        #expect(answers.timers.keys.sorted() == ["c.timer"])
    }

    @Test("a property of another type is no number")
    func strangeProperties() throws {
        let bus = try BusStub { serial in
            guard serial > 1 else { return Self.hello(1) }
            guard serial == 3 else { return SystemdTests.list([("a.service", "active", "running")]) }
            return Wire.reply(to: serial, signature: "v") {
                $0.signature("s")
                $0.string("7")
            }
        }
        let survey = UnitSurvey(named: [], countsRestarts: { _, _ in true })
        let answers = try survey.look(at: bus.path, patience: .seconds(10), time: time).get()
        #expect(answers.restarts.isEmpty)
        #expect(answers.unread == ["a.service": .malformed(because: "a u was expected")])
    }

    @Test(
        "a unit that cannot be looked for is not taken for one that is not loaded",
        arguments: [("NoReply", false), ("UnknownMethod", true), ("InvalidArgs", true), ("AccessDenied", true)]
    )
    func refusedNames(error: String, isAnswered: Bool) throws {
        let name = "org.freedesktop.DBus.Error.\(error)"
        let bus = try BusStub { serial in
            switch serial {
            case 1: Self.hello(1)
            case 2: SystemdTests.list([("a.service", "active", "running")])
            default: Self.refusal(name, of: serial)
            }
        }
        let result = UnitSurvey(named: ["x.service"]).look(at: bus.path, patience: .seconds(10), time: time)
        if isAnswered {
            #expect(try result.get().units.map(\.name) == ["a.service"])
        } else {
            #expect(result == .failure(.failed(name: name, message: "no")))
        }
    }

    @Test("a bus that refuses our user says so, and one that hangs up too")
    func rejected() throws {
        let rejecting = try BusStub(greeting: "REJECTED EXTERNAL\r\n") { _ in nil }
        #expect(look(rejecting.path) == .failure(.rejected(user: geteuid())))
        let closing = try BusStub { _ in nil }
        #expect(look(closing.path) == .failure(.rejected(user: geteuid())))
        let cutting = try BusStub { $0 == 1 ? Self.hello(1) : nil }
        #expect(look(cutting.path) == .failure(.closed))
    }

    @Test("a bus that says nothing is given up in time")
    func silence() throws {
        let silent = try BusStub(greeting: "") { _ in [] }
        let begin = time.uptime
        #expect(look(silent.path, patience: .milliseconds(200)) == .failure(.noAnswer))
        #expect(time.uptime - begin < .seconds(10))
    }

    @Test("an answer that is too long is not taken")
    func size() throws {
        let bus = try BusStub { serial in
            serial == 1 ? Self.hello(1) : [0x6C, 2, 0, 1, 0, 0, 0, 0x7F, 9, 0, 0, 0, 0, 0, 0, 0]
        }
        #expect(look(bus.path) == .failure(.tooLong(limit: BusConnection.limit)))
    }

    @Test("no socket, or a file in its place, has no listener")
    func absent() throws {
        let folder = try TemporaryFolder()
        #expect(look(folder.file("none")) == .failure(.noListener(path: folder.file("none"))))
        #expect(look("/" + String(repeating: "x", count: 200)).isUnreachable)
    }

    @Test("no way to end leaves a descriptor behind")
    func descriptors() throws {
        let rejecting = { try BusStub(greeting: "REJECTED\r\n") { _ in nil } }
        func count() -> Int { (0..<512).count { fcntl(Int32($0), F_GETFD) >= 0 } }
        func once() throws {
            let bus = try rejecting()
            #expect(look(bus.path) == .failure(.rejected(user: geteuid())))
        }
        try once()
        let before = count()
        for _ in 0..<20 { try once() }
        #expect(count() <= before + 8)
    }
}

extension Result<UnitAnswers, BusError> {
    fileprivate var isUnreachable: Bool {
        if case .failure(.unreachable) = self { true } else { false }
    }
}
