package import Basics
package import DockerEngine

/// Where a container is in its life, as the engine names it.
package enum ContainerPhase: String, Sendable, Equatable {
    case created, running, paused, restarting, removing, exited, dead

    /// Whether its processes exist.
    var isUp: Bool { self == .running || self == .paused }
    /// Whether a run of it has ended and no other has begun.
    var isDown: Bool { self == .exited || self == .dead || self == .restarting || self == .removing }
}

/// The health of a container that has a health check.
package struct ContainerHealth: Sendable, Equatable {
    package enum Status: String, Sendable, Equatable { case starting, healthy, unhealthy }

    package var status: Status
    /// Failed probes in a row.
    package var streak: Int?
    /// What the last probe printed, without what looks like a secret.
    package var output: String?

    package init(_ status: Status, streak: Int? = nil, output: String? = nil) {
        self.status = status
        self.streak = streak
        self.output = output.map { output in
            let end = output.unicodeScalars.lastIndex { !$0.properties.isWhitespace }
            let text = end.map { String(output.unicodeScalars[...$0]) } ?? ""
            return SecretMask.mask(text).safeLines(limit: 512)
        }
    }
}

/// Who a container is: what list, inspect and events all tell.
///
/// Texts are bounded and fit to be shown.
package struct ContainerIdentity: Sendable, Equatable {
    package var id: String
    package var name: String
    package var image: String
    package var labels: ContainerTraits

    package init(id: String, name: String, image: String, labels: ContainerTraits = ContainerTraits()) {
        self.id = String(id.prefix(64))
        self.name = (name.hasPrefix("/") ? String(name.dropFirst()) : name).safe(limit: 200)
        self.image = image.safe(limit: 255)
        self.labels = labels
    }

    /// As `docker ps` shows it.
    var shortID: String { String(id.prefix(12)) }
}

/// One row of the engine's list.
package struct ContainerSighting: Sendable, Equatable {
    package var identity: ContainerIdentity
    package var imageID: String?
    package var phase: ContainerPhase
    package var status: ContainerStatusText
    /// Of its own, not the host's and not another container's.
    package var ownsNetwork: Bool

    package init(
        _ identity: ContainerIdentity,
        imageID: String? = nil,
        phase: ContainerPhase,
        status: String = "",
        ownsNetwork: Bool = true
    ) {
        self.identity = identity
        self.imageID = imageID.map { String($0.prefix(80)) }
        self.phase = phase
        self.status = ContainerStatusText(status)
        self.ownsNetwork = ownsNetwork
    }
}

/// What an inspect tells.
package struct ContainerDetail: Sendable, Equatable {
    package var identity: ContainerIdentity
    package var imageID: String?
    package var phase: ContainerPhase
    package var pid: Int32?
    package var exitCode = 0
    /// Of the present run, or of the last one until the next begins.
    package var oomKilled = false
    /// Why the last start failed.
    package var startError: String?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var restartCount = 0
    package var policy = RestartPolicy.no
    package var autoRemove = false
    package var ownsNetwork = true
    /// The container whose network it lives in, by id or name.
    package var networkParent: String?
    package var stopTimeout: Duration?
    package var hasMemoryLimit = true
    /// Whether it has a terminal; nil where no inspect told.
    package var hasTTY: Bool?
    package var health: ContainerHealth?

    package init(_ identity: ContainerIdentity, phase: ContainerPhase) {
        self.identity = identity
        self.phase = phase
    }
}

/// One event of a container, as far as the board understands it.
package struct ContainerEvent: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        case create, start, stop, restart, pause, unpause, oom, destroy, rename, update
        /// `signal` is nil where the engine does not say which.
        case kill(signal: Int?)
        /// `ranFor` comes from engines that tell `execDuration`.
        case die(exitCode: Int?, ranFor: Duration?)
        case health(ContainerHealth.Status)
        /// A probe has ended; what it says may be the status before it.
        case probed(ContainerHealth.Status)
    }

    package var identity: ContainerIdentity
    package var action: Action
    /// The engine's clock.
    package var at: Timestamp

    package init(_ identity: ContainerIdentity, _ action: Action, at: Timestamp) {
        self.identity = identity
        self.action = action
        self.at = at
    }
}
