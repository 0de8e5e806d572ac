package import Basics
package import DockerEngine

/// From the engine's words to the board's: here everything is bounded and made fit to be shown.
///
/// `globs` is what the choice of containers asks of their labels.
extension ContainerSighting {
    package init(_ summary: ContainerSummary, picking globs: [Glob] = []) {
        self.init(
            ContainerIdentity(
                id: summary.id,
                name: summary.name,
                image: summary.image,
                labels: ContainerTraits(summary.labels, picking: globs)
            ),
            imageID: summary.imageID.isEmpty ? nil : summary.imageID,
            phase: ContainerPhase(summary.state),
            status: summary.status
        )
        if let health = summary.health.flatMap(ContainerHealth.Status.init) { status.health = health }
    }
}

extension ContainerDetail {
    package init(_ inspect: ContainerInspect, picking globs: [Glob] = []) {
        self.init(
            ContainerIdentity(
                id: inspect.id,
                name: inspect.name,
                image: inspect.image,
                labels: ContainerTraits(inspect.labels, picking: globs)
            ),
            phase: ContainerPhase(inspect.state)
        )
        imageID = inspect.imageID.isEmpty ? nil : String(inspect.imageID.prefix(80))
        pid = Int32(exactly: inspect.pid).flatMap { $0 > 0 ? $0 : nil }
        exitCode = inspect.exitCode
        oomKilled = inspect.oomKilled
        startError = inspect.error.isEmpty ? nil : SecretMask.mask(inspect.error).safe(limit: 512)
        startedAt = inspect.startedAt
        finishedAt = inspect.finishedAt
        restartCount = min(max(0, inspect.restartCount), 1_000_000)
        policy = inspect.restartPolicy
        autoRemove = inspect.autoRemove
        ownsNetwork = inspect.networkMode != "host" && !inspect.networkMode.hasPrefix("container:")
        if inspect.networkMode.hasPrefix("container:") {
            networkParent = String(inspect.networkMode.dropFirst("container:".count))
        }
        stopTimeout = inspect.stopTimeout
        hasMemoryLimit = inspect.memoryLimit != nil
        hasTTY = inspect.tty
        health = inspect.health.flatMap { health in
            ContainerHealth.Status(health.status).map {
                ContainerHealth($0, streak: health.failingStreak, output: health.output)
            }
        }
    }
}

extension ContainerEvent {
    /// Nil for an event that says nothing about a container's life.
    package init?(_ event: EngineEvent, picking globs: [Glob] = []) {
        let action: Action
        switch event.action {
        case .create: action = .create
        case .start: action = .start
        case .stop: action = .stop
        case .pause: action = .pause
        case .unpause: action = .unpause
        case .oom: action = .oom
        case .destroy: action = .destroy
        case .rename: action = .rename
        case .update: action = .update
        case .kill: action = .kill(signal: event.signal)
        case .die:
            let seconds = event.attributes["execDuration"].flatMap { Int64($0) }
            action = .die(
                exitCode: event.exitCode,
                ranFor: seconds.flatMap { (0..<10_000_000_000).contains($0) ? .seconds($0) : nil }
            )
        case .healthStatus(let status):
            guard let status = ContainerHealth.Status(status) else { return nil }
            action = .health(status)
        case .probed(let status):
            guard let status = ContainerHealth.Status(status) else { return nil }
            action = .probed(status)
        case .restart: action = .restart
        }
        self.init(
            ContainerIdentity(
                id: event.id,
                name: event.name ?? "",
                image: event.attributes["image"] ?? "",
                labels: ContainerTraits(event.attributes, picking: globs)
            ),
            action,
            at: event.time
        )
    }
}

extension ContainerPhase {
    fileprivate init(_ state: ContainerState) {
        switch state {
        case .created: self = .created
        case .running, .unknown: self = .running
        case .paused: self = .paused
        case .restarting: self = .restarting
        case .removing: self = .removing
        case .exited: self = .exited
        case .dead: self = .dead
        }
    }
}

extension ContainerHealth.Status {
    fileprivate init?(_ status: HealthStatus) {
        switch status {
        case .none: return nil
        case .starting: self = .starting
        case .healthy: self = .healthy
        case .unhealthy: self = .unhealthy
        }
    }
}
