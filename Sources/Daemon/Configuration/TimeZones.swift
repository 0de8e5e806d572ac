import Basics
import Procfs
import Settings

/// The time zones that schedules go by: from our own tzdata, else from the host's; UTC needs none.
struct TimeZones {
    /// Why a zone is not known.
    enum Failure: Error, Hashable {
        /// There are zones, but none of that name.
        case unknown(nearest: String?)
        /// There are no zones at all.
        case noData

        func problem(_ origin: Origin, _ path: String, _ name: String) -> Problem {
            let quoted = "the time zone `\(name.safe(limit: 64))`"
            return switch self {
            case .unknown(let nearest): Problem(origin, path, "\(quoted) is not known", nearest: nearest)
            case .noData:
                Problem(
                    origin,
                    path,
                    "\(quoted) is not known: there is no time zone data here",
                    remedy: "install tzdata, mount the host's root (-v /:/host/root:ro,rslave), or use UTC"
                )
            }
        }
    }

    private let environment: [String: String]
    private let files: FileAccess
    private let roots: () -> HostRoots
    private let folder: String
    private var known: [String: Result<ZoneRules, Failure>] = [:]

    init(environment: [String: String], roots: @escaping @autoclosure () -> HostRoots, files: FileAccess = .system) {
        self.environment = environment
        self.roots = roots
        self.files = files
        let other = environment["TZDIR"].flatMap { $0.isEmpty ? nil : $0 }
        folder = other ?? "/usr/share/zoneinfo"
    }

    /// What `TZ` names; empty where nothing does.
    var localName: String { environment["TZ"] ?? "" }

    /// The rules of a zone, by its name.
    mutating func rules(of name: String) throws(Failure) -> ZoneRules {
        if ["UTC", "Etc/UTC", "GMT", "Etc/GMT"].contains(where: { $0.lowercased() == name.lowercased() }) {
            return .utc
        }
        if let known = known[name] { return try known.get() }
        let result: Result<ZoneRules, Failure>
        if let rules = file(name) {
            result = .success(rules)
        } else {
            result = .failure(failure(name))
        }
        known[name] = result
        return try result.get()
    }

    /// The rules by which this process' own clock goes: `TZ` as tzset(3) reads it, else `/etc/localtime`, else UTC.
    mutating func local() throws(Failure) -> ZoneRules {
        guard var name = environment["TZ"] else { return content("/etc/localtime") ?? .utc }
        if name.hasPrefix(":") { name.removeFirst() }
        if name.isEmpty { return .utc }
        if name.hasPrefix("/"), let rules = content(name) { return rules }
        do throws(Failure) {
            guard CronSchedule.isZone(name) else { throw .unknown(nearest: nil) }
            return try rules(of: name)
        } catch {
            if let rules = ZoneRules(posix: name) { return rules }
            throw error
        }
    }

    private func file(_ name: String) -> ZoneRules? {
        content("\(folder)/\(name)") ?? (try? Host(roots: roots()).zoneFile(name)).flatMap { ZoneRules(file: $0) }
    }

    private func content(_ path: String) -> ZoneRules? {
        (try? files.read(path, Self.sizeLimit)).flatMap { ZoneRules(file: $0) }
    }

    private func failure(_ name: String) -> Failure {
        let parts = name.split(separator: "/").map(String.init)
        guard let top = names(in: folder), !top.isEmpty else { return .noData }
        var (path, place, candidates) = ([String](), folder, top)
        for (index, part) in parts.enumerated() {
            guard let near = candidates.contains(part) ? part : Nearest.match(part, candidates) else { break }
            path.append(near)
            place += "/\(near)"
            if index + 1 < parts.count { candidates = names(in: place) ?? [] }
        }
        let nearest = path.joined(separator: "/")
        return .unknown(nearest: path.count == parts.count && nearest != name ? nearest : nil)
    }

    private func names(in folder: String) -> [String]? {
        (try? files.list(folder))?.filter { !$0.hasPrefix(".") }
    }

    private static let sizeLimit = 1 << 18
}
