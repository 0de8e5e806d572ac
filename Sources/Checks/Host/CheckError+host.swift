import Alerting
import Procfs

extension CheckError {
    /// A file of the host that gave no value: without a remedy a file that is not there is a feature that this kernel
    /// lacks.
    init(_ error: HostFileError) {
        switch error {
        case .absent(_, nil): self = .notApplicable(because: error.description, remedy: nil)
        case .absent, .denied, .unreadable, .malformed, .tooLarge:
            self = .degraded(because: error.description, remedy: error.hint)
        }
    }

    /// What only the host's procfs shows, looked for in a container's own.
    static let ownContainerOnly = CheckError.degraded(
        because: "only this container's own processes and network are visible, not the host's",
        remedy: "mount the host's procfs: -v /proc:/host/proc:ro"
    )
}

extension Scope {
    init(_ scope: HostScope) {
        switch scope {
        case .host: self = .host
        case .container: self = .container
        case .unknown: self = .unknown
        }
    }
}

extension Target {
    /// The machine as a whole.
    static let host = Target("host")
}

/// Runs readings of the host, turning their errors into the check's.
func looking<Value>(_ body: () throws(HostFileError) -> Value) throws(CheckError) -> Value {
    do throws(HostFileError) { return try body() } catch { throw CheckError(error) }
}
