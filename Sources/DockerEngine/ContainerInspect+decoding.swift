import Basics

extension ContainerInspect: Decodable {
    /// The engine's own shape, as far as it is wanted; what some versions leave out is optional.
    private struct Wire: Decodable {
        struct State: Decodable {
            var Status: ContainerState?
            var Running: Bool?
            var Paused: Bool?
            var Restarting: Bool?
            var OOMKilled: Bool?
            var Dead: Bool?
            var Pid: Int?
            var ExitCode: Int?
            var Error: String?
            var StartedAt: String?
            var FinishedAt: String?
            var Health: HealthState?
        }

        struct HealthState: Decodable {
            var Status: HealthStatus?
            var FailingStreak: Int?
            var Log: [Probe]?
        }

        struct Probe: Decodable {
            var End: String?
            var ExitCode: Int?
            var Output: String?
        }

        struct Config: Decodable {
            var Image: String?
            var Labels: [String: String]?
            var Tty: Bool?
            var StopTimeout: Int?
            var Healthcheck: Check?
        }

        struct Check: Decodable {
            var Test: [String]?
        }

        struct HostConfig: Decodable {
            var AutoRemove: Bool?
            var Memory: Int64?
            var NetworkMode: String?
            var RestartPolicy: Policy?
        }

        struct Policy: Decodable {
            var Name: String?
            var MaximumRetryCount: Int?
        }

        var Id: String
        var Name: String?
        var Created: String?
        var Image: String?
        var RestartCount: Int?
        var State: State
        var Config: Config?
        var HostConfig: HostConfig?
    }

    package init(from decoder: any Decoder) throws {
        let wire = try Wire(from: decoder)
        let state = wire.State
        let config = wire.Config
        let host = wire.HostConfig
        id = wire.Id.safe(limit: 128)
        name = ContainerSummary.name(wire.Name ?? "")
        created = Self.moment(wire.Created)
        image = (config?.Image ?? "").safe(limit: 512)
        imageID = (wire.Image ?? "").safe(limit: 128)
        running = state.Running ?? false
        paused = state.Paused ?? false
        restarting = state.Restarting ?? false
        self.state = state.Status ?? (running ? .running : .exited)
        oomKilled = state.OOMKilled ?? false
        dead = state.Dead ?? false
        pid = max(0, state.Pid ?? 0)
        exitCode = state.ExitCode ?? 0
        error = (state.Error ?? "").safe(limit: 1024)
        startedAt = Self.moment(state.StartedAt)
        finishedAt = Self.moment(state.FinishedAt)
        health = Self.health(state.Health)
        let test = config?.Healthcheck?.Test ?? []
        hasHealthcheck = health != nil || !(test.isEmpty || test == ["NONE"])
        restartCount = wire.RestartCount ?? 0
        restartPolicy = RestartPolicy(
            name: host?.RestartPolicy?.Name ?? "",
            count: host?.RestartPolicy?.MaximumRetryCount
        )
        autoRemove = host?.AutoRemove ?? false
        // -1 waits for ever; a year is as good.
        stopTimeout = config?.StopTimeout.map { .seconds($0 < 0 ? 31_536_000 : min($0, 31_536_000)) }
        tty = config?.Tty ?? false
        labels = BoundedText.labels(config?.Labels ?? [:])
        networkMode = (host?.NetworkMode ?? "").safe(limit: 255)
        memoryLimit = host?.Memory.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Year 1 is how the engine says "never".
    private static func moment(_ text: String?) -> Timestamp? {
        guard let moment = text.flatMap({ Timestamp($0) }), moment.milliseconds > 0 else { return nil }
        return moment
    }

    private static func health(_ wire: Wire.HealthState?) -> Health? {
        guard let wire, let status = wire.Status, status != .none else { return nil }
        let probe = wire.Log?.last
        return Health(
            status: status,
            failingStreak: wire.FailingStreak ?? 0,
            output: BoundedText.prefix(probe?.Output ?? "", BoundedText.valueLimit),
            exitCode: probe?.ExitCode,
            endedAt: moment(probe?.End)
        )
    }
}
