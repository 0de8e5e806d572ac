import DockerEngine

extension RestartPolicy {
    /// Whether the engine starts the container again after an unrequested end with this exit code.
    func restarts(exitCode: Int, after count: Int) -> Bool {
        switch self {
        case .no: false
        case .always, .unlessStopped: true
        case .onFailure(let limit): exitCode != 0 && limit.map { count < $0 } ?? true
        }
    }

    /// As Docker writes it.
    var text: String {
        switch self {
        case .no: "no"
        case .always: "always"
        case .unlessStopped: "unless-stopped"
        case .onFailure(let limit): limit.map { "on-failure:\($0)" } ?? "on-failure"
        }
    }
}
