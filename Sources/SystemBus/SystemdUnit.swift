import Basics

/// A unit as systemd's list shows it.
///
/// Document: org.freedesktop.systemd1(5), `ListUnits`: `a(ssssssouso)`.
package struct SystemdUnit: Sendable, Equatable {
    /// Its first name, with the type: `nginx.service`.
    package var name: String
    package var description: String
    /// `loaded`, `not-found`, `masked`, `error`, `bad-setting`.
    package var load: String
    /// `active`, `reloading`, `inactive`, `failed`, `activating`, `deactivating`, `maintenance`, `refreshing`.
    package var active: String
    /// By type: `running`, `exited`, `auto-restart`, `waiting`, `elapsed`.
    package var sub: String
    /// What the bus calls it.
    var path: String

    package var isService: Bool { name.hasSuffix(".service") }
    package var isTimer: Bool { name.hasSuffix(".timer") }

    /// The units of a list; of signature `a(ssssssouso)`.
    static func list(_ body: BusReader) throws(BusError) -> [SystemdUnit] {
        var body = body
        var units: [SystemdUnit] = []
        try body.array(alignment: 8) { (entry: inout BusReader) throws(BusError) in
            try entry.align(8)
            let name = try entry.string()
            let description = try entry.string()
            let load = try entry.string()
            let active = try entry.string()
            let sub = try entry.string()
            try entry.skip(Array("s".utf8))
            let path = try entry.string()
            try entry.skip(Array("uso".utf8))
            units.append(
                SystemdUnit(
                    name: name.safe(limit: 256),
                    description: description,
                    load: load,
                    active: active,
                    sub: sub,
                    path: path
                )
            )
        }
        return units
    }

    static let listSignature = "a(ssssssouso)"
}

/// When a timer ran and runs.
///
/// Document: org.freedesktop.systemd1(5), interface `org.freedesktop.systemd1.Timer`; seconds since the Unix epoch.
package struct SystemdTimer: Sendable, Equatable {
    /// When it last ran; nil where it has not since the machine started (or ever, where it is persistent).
    package var lastRun: Double?
    /// When it runs next by the calendar; nil where it does not.
    package var nextRun: Double?
    /// When it runs next after a span (`OnBootSec=`, `OnUnitActiveSec=`): in seconds of the kernel's monotonic clock, which
    /// stands still while the machine is suspended; nil where it does not.
    package var nextRunAwake: Double?
    /// Since when the timer itself waits.
    package var startedAt: Double?
    /// How much later than that it may run, in seconds (`AccuracySec=`).
    package var accuracy: Double

    /// From microseconds; 0 and the greatest number stand for never.
    static func seconds(_ microseconds: UInt64) -> Double? {
        microseconds == 0 || microseconds == .max ? nil : Double(microseconds) / 1e6
    }
}
