package import Basics

/// All that is asked about one container: `GET /containers/{id}/json`.
///
/// The environment of its process, where secrets live, is never read.
package struct ContainerInspect: Hashable, Sendable {
    package var id: String
    /// Without the leading slash.
    package var name: String
    package var created: Timestamp?
    /// The image's name as the container was made from it.
    package var image: String
    package var imageID: String

    package var state: ContainerState
    package var running: Bool
    package var paused: Bool
    package var restarting: Bool
    /// Whether the kernel killed it for memory; forgotten when the container starts again.
    package var oomKilled: Bool
    package var dead: Bool
    /// The process on the host; 0 when there is none.
    package var pid: Int
    package var exitCode: Int
    /// What went wrong at start or stop, in the engine's words; empty when nothing did.
    package var error: String
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// Nil without a health check.
    package var health: Health?
    /// Whether the image or the container declares a health check.
    package var hasHealthcheck: Bool

    /// How often the engine started it again by itself.
    package var restartCount: Int
    package var restartPolicy: RestartPolicy
    /// Whether the engine removes it when it ends.
    package var autoRemove: Bool
    /// How long a stop waits before it kills; nil is the engine's ten seconds.
    package var stopTimeout: Duration?
    package var tty: Bool
    /// As their owner wrote them: not to be trusted, and not to be shown without `safe`.
    package var labels: [String: String]
    /// `bridge`, `host`, `none`, `container:<id>`, or a network's name.
    package var networkMode: String
    /// In bytes; nil for none.
    package var memoryLimit: Int64?

    /// What the container's health check said lately.
    package struct Health: Hashable, Sendable {
        package var status: HealthStatus
        /// How many probes failed in a row.
        package var failingStreak: Int
        /// The last probe's output, cut to 4 KiB, and exit code; not to be shown without `safe`.
        package var output: String
        package var exitCode: Int?
        /// When the last probe ended.
        package var endedAt: Timestamp?
    }
}
