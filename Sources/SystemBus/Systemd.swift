import Basics

/// The calls to systemd that are made, and no others; none changes anything.
///
/// Document: org.freedesktop.systemd1(5).
enum Systemd {
    private static let name = "org.freedesktop.systemd1"

    static let listUnits = manager("ListUnits")

    /// The unit of a name, loaded if need be.
    static func find(_ unit: String) -> BusCall { manager("ListUnitsByNames", [.strings([unit])]) }

    /// One property; `interface` as `Unit` or `Service`.
    static func get(_ interface: String, _ property: String, of unit: SystemdUnit) -> BusCall {
        properties("Get", of: unit, [.string("\(name).\(interface)"), .string(property)])
    }

    /// Every property of an interface.
    static func all(_ interface: String, of unit: SystemdUnit) -> BusCall {
        properties("GetAll", of: unit, [.string("\(name).\(interface)")])
    }

    private static func manager(_ member: String, _ arguments: [BusCall.Argument] = []) -> BusCall {
        BusCall(
            destination: name,
            path: "/org/freedesktop/systemd1",
            interface: "\(name).Manager",
            member: member,
            arguments: arguments
        )
    }

    private static func properties(
        _ member: String,
        of unit: SystemdUnit,
        _ arguments: [BusCall.Argument]
    ) -> BusCall {
        BusCall(
            destination: name,
            path: unit.path,
            interface: "org.freedesktop.DBus.Properties",
            member: member,
            arguments: arguments
        )
    }

    // MARK: - Answers

    /// A property of the type `u`.
    static func uint32(_ reply: BusReply) throws(BusError) -> UInt32 {
        var body = try variant(of: "u", in: reply)
        return try body.uint32()
    }

    /// A property of the type `t`.
    static func uint64(_ reply: BusReply) throws(BusError) -> UInt64 {
        var body = try variant(of: "t", in: reply)
        return try body.uint64()
    }

    private static func variant(of type: String, in reply: BusReply) throws(BusError) -> BusReader {
        var body = try reply.body("v")
        guard try body.signature() == Array(type.utf8) else { throw .malformed(because: "a \(type) was expected") }
        return body
    }

    /// A property as people read it; nil where it has no value.
    static func text(_ reply: BusReply) throws(BusError) -> String? {
        var body = try reply.body("v")
        switch String(decoding: try body.signature(), as: UTF8.self) {
        case "s":
            let text = try body.string()
            return text.isEmpty ? nil : text
        case "u", "i": return try body.uint32().description
        case "t": return SystemdTimer.seconds(try body.uint64()).map { Timestamp(seconds: $0).description }
        default: return nil
        }
    }

    static func timer(_ reply: BusReply) throws(BusError) -> SystemdTimer {
        var body = try reply.body("a{sv}")
        var times: [String: UInt64] = [:]
        try body.array(alignment: 8) { (entry: inout BusReader) throws(BusError) in
            try entry.align(8)
            let property = try entry.string()
            let type = try entry.signature()
            if type == Array("t".utf8) { times[property] = try entry.uint64() } else { try entry.skip(type) }
        }
        return SystemdTimer(
            lastRun: SystemdTimer.seconds(times["LastTriggerUSec"] ?? 0),
            nextRun: SystemdTimer.seconds(times["NextElapseUSecRealtime"] ?? 0),
            nextRunAwake: SystemdTimer.seconds(times["NextElapseUSecMonotonic"] ?? 0),
            startedAt: nil,
            accuracy: SystemdTimer.seconds(times["AccuracyUSec"] ?? 0) ?? 0
        )
    }

    // MARK: - Evidence

    /// Evidence's name → interface and property.
    private static let ofEach = [
        ("file", "Unit", "FragmentPath"), ("enabled", "Unit", "UnitFileState"),
        ("active_since", "Unit", "ActiveEnterTimestamp"), ("inactive_since", "Unit", "InactiveEnterTimestamp"),
    ]

    private static let ofServices = [
        ("type", "Service", "Type"), ("result", "Service", "Result"), ("main_pid", "Service", "MainPID"),
        ("exit_code", "Service", "ExecMainCode"), ("exit_status", "Service", "ExecMainStatus"),
        ("restarts", "Service", "NRestarts"),
    ]

    /// Gives the number of the main process's end its right name: an exit status, or the signal that killed it.
    ///
    /// Document: sigaction(2): `CLD_KILLED` is 2, `CLD_DUMPED` 3.
    static func named(_ evidence: [String: String]) -> [String: String] {
        var evidence = evidence
        if let code = evidence.removeValue(forKey: "exit_code"), ["2", "3"].contains(code) {
            evidence["signal"] = evidence.removeValue(forKey: "exit_status")
        }
        return evidence
    }

    /// What `systemctl status` would say first.
    static func evidence(of unit: SystemdUnit, _ bus: inout BusConnection) throws(BusError) -> [String: String] {
        var evidence = ["description": unit.description, "load": unit.load, "sub_state": unit.sub]
        let wanted = ofEach + (unit.isService ? ofServices : [])
        for (wish, reply) in zip(wanted, try bus.call(wanted.map { get($0.1, $0.2, of: unit) })) {
            // What this systemd does not know is left out.
            evidence[wish.0] = (try? text(reply)).flatMap(\.self)
        }
        return named(evidence.filter { !$0.value.isEmpty })
    }
}
