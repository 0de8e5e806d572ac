@testable import SystemBus

extension Parser {
    static let systemBus = [
        Parser("BusReply", of: "SystemBus/BusMessage.swift", "SystemBus/BusReader.swift") { bytes in
            guard let reply = try reply(bytes) else { return false }
            var body = reply.body
            try body.skip(reply.signature)
            return true
        },
        Parser("SystemdProperty", of: "SystemBus/Systemd.swift") { bytes in
            guard let reply = try reply(bytes) else { return false }
            _ = (try? Systemd.uint32(reply), try? Systemd.uint64(reply))
            return try Systemd.text(reply) != nil
        },
        Parser("SystemdTimer", of: "SystemBus/Systemd.swift") { bytes in
            try reply(bytes).map { try Systemd.timer($0).nextRun != nil } ?? false
        },
        Parser("SystemdUnit", of: "SystemBus/SystemdUnit.swift") { bytes in
            guard let body = try reply(bytes)?.body(SystemdUnit.listSignature) else { return false }
            return try !SystemdUnit.list(body).isEmpty
        },
    ]

    /// The answer, as far as its own length says; as the connection takes it.
    private static func reply(_ bytes: RawSpan) throws -> BusReply? {
        let bytes = bytes.array
        guard let length = try BusReply.length(bytes[...]), length <= bytes.count else { return nil }
        return try BusReply(Array(bytes[..<length]))
    }
}
