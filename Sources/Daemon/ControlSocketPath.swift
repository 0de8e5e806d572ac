import Basics
import Glibc

/// Where the control socket is (S33): at the configured path, or beside the journal where that folder cannot be used.
package enum ControlSocketPath {
    /// The places in order of preference.
    package static func candidates(control: ControlSettings, journal: JournalSettings) -> [String] {
        var paths = [control.socket]
        if let slash = journal.path.lastIndex(of: "/") { paths.append(journal.path[..<slash] + "/control.sock") }
        return paths
    }

    /// The first place whose folder we can write to, made if it is missing.
    package static func forListening(_ candidates: [String]) -> String? {
        candidates.first { path in
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return false }
            let folder = String(path[..<slash])
            mkdir(folder, 0o700)
            // A unix socket's path has 108 bytes in `sockaddr_un`.
            return access(folder, W_OK | X_OK) == 0 && path.utf8.count < 108
        }
    }

    /// The first place where a socket is.
    package static func forAsking(_ candidates: [String]) -> String {
        candidates.first { access($0, F_OK) == 0 } ?? candidates[0]
    }
}
