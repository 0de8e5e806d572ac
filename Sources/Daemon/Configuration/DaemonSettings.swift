import Basics
package import Settings

/// `journal`: where what must survive a kill is kept.
package struct JournalSettings: SettingsGroup {
    package var path = "/var/lib/custos/journal.db"
    package var keepEvents: Duration = .seconds(30 * 86400)
    package var maxEvents = 100_000

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "path",
                \.path,
                "Keeps alerts and undelivered events in this file; `memory` keeps none across a restart."
            )
            Field("keep_events", \.keepEvents, "Forgets events older than this.")
            Field("max_events", \.maxEvents, "Forgets the oldest events beyond this many.", in: 100...10_000_000)
        }
    }
}

/// `status`: the address of `/metrics` and its kin.
package struct StatusSettings: SettingsGroup {
    package var listen: HostPort? = try? HostPort(setting: "127.0.0.1:9797")

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "listen",
                \.listen,
                "Serves `/livez`, `/readyz` and `/metrics` at this address; `off` serves nothing."
            )
        }
    }
}

/// `control`: what `custos health`, `alerts`, `events`, `silence` and `sinks` talk to (S33).
package struct ControlSettings: SettingsGroup {
    package var socket = "/run/custos/control.sock"

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "socket",
                \.socket,
                "Listens for the other commands at this path; beside the journal where its folder cannot be written."
            )
        }
    }
}

/// `log`: what goes to stderr.
package struct LogSettings: SettingsGroup {
    /// The least level that is written.
    package enum Level: String, SettingChoice, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }
    /// How a line is written.
    package enum Format: String, SettingChoice, CaseIterable { case logfmt, json }

    package var level: Level = .notice
    package var format: Format = .logfmt

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field("level", \.level, "Writes log lines of this level and above to stderr.")
            Field("format", \.format, "Writes each log line in this format.")
        }
    }
}

/// `host`: where the watched machine's trees are mounted.
package struct HostSettings: SettingsGroup {
    package var proc: String?
    package var sys: String?
    package var root: String?
    package var run: String?

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field("proc", \.proc, "Reads the host's /proc here.", alsoFrom: ["HOST_PROC"])
            Field("sys", \.sys, "Reads the host's /sys here.", alsoFrom: ["HOST_SYS"])
            Field("root", \.root, "Reads the host's root file system here.", alsoFrom: ["HOST_ROOT"])
            Field("run", \.run, "Reads the host's /run here.", alsoFrom: ["HOST_RUN"])
        }
    }
}

/// What stands at the top of the file, in no section.
package struct GeneralSettings: SettingsGroup {
    package var node: String?

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field("node", \.node, "Names the watched machine in every event.", alsoFrom: ["NODE_NAME"])
        }
    }
}
