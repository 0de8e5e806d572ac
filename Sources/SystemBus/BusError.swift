import Basics

/// Why the bus gave no answer.
package enum BusError: Error, Sendable, Equatable {
    /// There is no socket, or nobody listens at it.
    case noListener(path: String)
    case denied(path: String)
    /// The bus does not let our user in.
    case rejected(user: UInt32)
    case unreachable(path: String, errno: Int32)
    case noAnswer
    /// The bus ended the connection.
    case closed
    case tooLong(limit: Int)
    case malformed(because: String)
    /// The call failed: the error's name and what it says.
    case failed(name: String, message: String)

    /// What an operator can do about it.
    package var hint: String? {
        switch self {
        case .noListener:
            "mount the host's runtime directory, not the socket alone, which the bus replaces when it restarts"
        case .denied: "let Custos' user connect: look for a security module's denial (AppArmor, SELinux)"
        case .rejected(let user):
            "dbus-daemon lets only users in that the host knows: useradd --system --no-create-home --uid \(user) custos"
        case .failed("org.freedesktop.DBus.Error.AccessDenied", _):
            "look for AppArmor's denial: on hosts whose bus asks AppArmor, run with apparmor=unconfined"
        case .unreachable, .noAnswer, .closed, .tooLong, .malformed, .failed: nil
        }
    }
}

extension BusError {
    private static let absences: Set<String> = [
        "org.freedesktop.DBus.Error.InvalidArgs", "org.freedesktop.DBus.Error.UnknownInterface",
        "org.freedesktop.DBus.Error.UnknownMethod", "org.freedesktop.DBus.Error.UnknownObject",
        "org.freedesktop.DBus.Error.UnknownProperty", "org.freedesktop.systemd1.NoSuchUnit",
    ]

    /// Whether there is no such unit, or this systemd does not know what was asked for: nothing is hidden.
    var meansAbsent: Bool {
        guard case .failed(let name, _) = self else { return false }
        return Self.absences.contains(name)
    }

    /// Whether the bus or systemd lets others ask, and us not.
    var meansDenied: Bool {
        guard case .failed(let name, _) = self else { return false }
        return name == "org.freedesktop.DBus.Error.AccessDenied"
    }
}

extension BusError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noListener(let path): "nobody listens at \(path.safe())"
        case .denied(let path): "\(path.safe()) may not be connected to"
        case .rejected: "the system bus refuses Custos' user"
        case .unreachable(let path, let errno): "\(path.safe()) cannot be connected to: error \(errno)"
        case .noAnswer: "the system bus or systemd does not answer"
        case .closed: "the system bus ended the connection"
        case .tooLong(let limit): "the answer of the system bus is longer than \(limit) bytes"
        case .malformed(let because): "the answer of the system bus is malformed: \(because)"
        case .failed(let name, let message): "systemd refuses: \(name.safe(limit: 100)): \(message.safe(limit: 200))"
        }
    }
}
