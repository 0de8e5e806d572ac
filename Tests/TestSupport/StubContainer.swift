package import Basics

/// A container as an `EngineStub` tells of it, in the list, by inspect and in events.
package struct StubContainer: Hashable, Sendable {
    /// 64 hexadecimal digits made of the name unless given.
    package var id: String
    package var name: String
    package var image = "busybox:latest"
    package var imageID = "sha256:" + String(repeating: "e0", count: 32)
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    package var state = "running"
    package var labels: [String: String] = [:]
    package var created = Timestamp(milliseconds: 1_700_000_000_000)
    package var startedAt: Timestamp? = Timestamp(milliseconds: 1_700_000_001_000)
    package var finishedAt: Timestamp?
    package var exitCode = 0
    package var error = ""
    package var oomKilled = false
    package var pid = 4242
    package var restartCount = 0
    /// `no`, `always`, `unless-stopped` or `on-failure`, and its limit.
    package var restartPolicy = "no"
    package var maximumRetryCount = 0
    package var autoRemove = false
    package var stopTimeout: Int?
    package var tty = false
    package var networkMode = "bridge"
    package var memory: Int64 = 0
    /// `starting`, `healthy` or `unhealthy`; nil for no health check.
    package var health: String?
    package var failingStreak = 0
    package var healthOutput = ""
    package var healthExitCode = 0

    package init(_ name: String, id: String? = nil, state: String = "running", labels: [String: String] = [:]) {
        self.name = name
        self.id = id ?? Self.id(of: name)
        self.state = state
        self.labels = labels
    }

    /// The identifier that a name gets: the same in every process.
    package static func id(of name: String) -> String {
        var result = ""
        for salt in 0..<4 as Range<UInt64> {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ (salt &* 0x9E37_79B9_7F4A_7C15)
            for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash ^= hash >> 29
            let digits = String(hash, radix: 16)
            result += String(repeating: "0", count: 16 - digits.count) + digits
        }
        return result
    }

    /// An entry of `GET /containers/json`; only newer engines tell the health there.
    func summary(hasHealth: Bool) -> JSON {
        var members: [JSON.Member] = [
            .init("Id", .string(id)),
            .init("Names", [.string("/" + name)]),
            .init("Image", .string(image)),
            .init("ImageID", .string(imageID)),
            .init("Command", "sleep 1000"),
            .init("Created", .integer(created.milliseconds / 1000)),
            .init("Ports", []),
            .init("Labels", .map(labels)),
            .init("State", .string(state)),
            .init("Status", .string(status)),
            .init("HostConfig", ["NetworkMode": .string(networkMode)]),
            .init("Mounts", []),
        ]
        if hasHealth {
            members.append(
                .init("Health", ["Status": .string(health ?? "none"), "FailingStreak": .integer(Int64(failingStreak))])
            )
        }
        return .object(members)
    }

    /// The answer of `GET /containers/{id}/json`; its environment holds a secret that nobody must ever see.
    var inspect: JSON {
        var state: [JSON.Member] = [
            .init("Status", .string(self.state)),
            .init("Running", .bool(["running", "paused", "restarting"].contains(self.state))),
            .init("Paused", .bool(self.state == "paused")),
            .init("Restarting", .bool(self.state == "restarting")),
            .init("OOMKilled", .bool(oomKilled)),
            .init("Dead", .bool(self.state == "dead")),
            .init("Pid", .integer(["running", "paused"].contains(self.state) ? Int64(pid) : 0)),
            .init("ExitCode", .integer(Int64(exitCode))),
            .init("Error", .string(error)),
            .init("StartedAt", .string(Self.time(startedAt))),
            .init("FinishedAt", .string(Self.time(finishedAt))),
        ]
        if let health {
            let probe: JSON = [
                "Start": .string(Self.time(startedAt)), "End": .string(Self.time(startedAt)),
                "ExitCode": .integer(Int64(healthExitCode)), "Output": .string(healthOutput),
            ]
            state.append(
                .init(
                    "Health",
                    ["Status": .string(health), "FailingStreak": .integer(Int64(failingStreak)), "Log": [probe]]
                )
            )
        }
        var config: [JSON.Member] = [
            .init("Image", .string(image)),
            .init("Env", ["DATABASE_PASSWORD=hunter2"]),
            .init("Labels", .map(labels)),
            .init("Tty", .bool(tty)),
        ]
        if let stopTimeout { config.append(.init("StopTimeout", .integer(Int64(stopTimeout)))) }
        if health != nil { config.append(.init("Healthcheck", ["Test": ["CMD-SHELL", "test -f /ok"]])) }
        return [
            "Id": .string(id),
            "Created": .string(Self.time(created)),
            "State": .object(state),
            "Image": .string(imageID),
            "Name": .string("/" + name),
            "RestartCount": .integer(Int64(restartCount)),
            "HostConfig": [
                "NetworkMode": .string(networkMode),
                "AutoRemove": .bool(autoRemove),
                "Memory": .integer(memory),
                "RestartPolicy": [
                    "Name": .string(restartPolicy), "MaximumRetryCount": .integer(Int64(maximumRetryCount)),
                ],
            ],
            "Config": .object(config),
        ]
    }

    /// What the engine puts into every event of this container.
    var attributes: [String: String] {
        labels.merging(["name": name, "image": image]) { $1 }
    }

    private var status: String {
        switch state {
        case "running":
            health.map { $0 == "starting" ? "Up 2 hours (health: starting)" : "Up 2 hours (\($0))" } ?? "Up 2 hours"
        case "paused": "Up 2 hours (Paused)"
        case "exited": "Exited (\(exitCode)) 5 minutes ago"
        case "restarting": "Restarting (\(exitCode)) 3 seconds ago"
        case "dead": "Dead"
        default: state.prefix(1).uppercased() + state.dropFirst()
        }
    }

    private static func time(_ moment: Timestamp?) -> String {
        moment.map { String("\($0)".dropLast()) + "456789Z" } ?? "0001-01-01T00:00:00Z"
    }
}
