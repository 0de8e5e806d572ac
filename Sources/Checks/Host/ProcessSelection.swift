import Alerting
package import Basics
import Procfs
package import Settings

/// Which processes a check is about; what is left out does not narrow the choice.
package struct ProcessSelection: Sendable {
    package var names: [Glob] = []
    package var commands: [Glob] = []
    package var users: [String] = []
    package var groups: [Glob] = []
    package var pidFile: Path?

    package init() {}

    /// Whether it takes every process.
    var isEmpty: Bool { isNameless && pidFile == nil }

    private var isNameless: Bool { names.isEmpty && commands.isEmpty && users.isEmpty && groups.isEmpty }

    /// As the settings say it, for people.
    var text: String {
        var parts: [String] = []
        func add(_ key: String, _ values: [String]) {
            if !values.isEmpty { parts.append("\(key) \(values.joined(separator: ", "))") }
        }
        add("name", names.map(\.description))
        add("command", commands.map(\.description))
        add("user", users)
        add("cgroup", groups.map(\.description))
        add("pid_file", pidFile.map { [$0.description] } ?? [])
        return parts.isEmpty ? "all" : parts.joined(separator: " and ").safe(limit: 200)
    }

    /// What a look for the processes found.
    struct Found {
        /// Where in the pass those are that fit.
        var places: [Int]
        /// Those that may fit: their command line could not be read.
        var unread = 0
        /// Those whose command lines decide.
        var asked = 0

        /// What would be otherwise if those that may fit did.
        var unknown: Observation.Value {
            .unknown(because: "\(unread) of \(asked) command lines cannot be read, and may fit")
        }
    }

    /// The processes of the pass that fit.
    ///
    /// `known` are those that fitted last: one whose command line cannot be read at the moment still does.
    func find(
        in pass: ProcessPass,
        _ world: World,
        known: Set<ProcessStat.Key> = []
    ) async throws(CheckError) -> Found {
        guard !isEmpty else { return Found(places: Array(pass.processes.indices)) }
        let host = world.host
        var open = Array(pass.processes.indices)
        if let pidFile {
            let number = try Self.process(of: pidFile, in: pass, host, checksAge: isNameless)
            open = open.filter { pass.processes[$0].pid == number }
        }
        // What is known of every process anyway decides first: what is left has its files read.
        if !names.isEmpty { open = open.filter { fits(pass.processes[$0].name) != false } }
        if !users.isEmpty {
            let numbers = try numbers(host)
            open = open.filter { host.user(of: pass.processes[$0]).map(numbers.contains) ?? false }
        }
        if !groups.isEmpty {
            guard !host.hasOwnControlGroups else {
                throw .degraded(
                    because: "control groups are seen from Custos's own namespace, not as the host names them",
                    remedy: "run it in the host's: docker run --cgroupns host; in compose, cgroup: host"
                )
            }
            open = open.filter { place in
                guard let group = host.controlGroup(of: pass.processes[place]) else { return false }
                return groups.contains { $0.matches(group) }
            }
        }
        let asked = commands.isEmpty ? open.filter { !names.isEmpty && fits(pass.processes[$0].name) == nil } : open
        guard !asked.isEmpty else { return Found(places: open) }
        let answers = await world.processes.commandLines(of: asked.map { pass.processes[$0] }, time: world.time) {
            fits($1, $0.name)
        }
        var refused: Set<Int> = []
        var unread = 0
        for (place, fits) in zip(asked, answers) {
            switch fits {
            case true?: break
            case nil where known.contains(pass.processes[place].key): break
            case nil:
                unread += 1
                refused.insert(place)
            case false?: refused.insert(place)
            }
        }
        return Found(places: open.filter { !refused.contains($0) }, unread: unread, asked: asked.count)
    }

    /// Nil where the name may be cut off, and only the command line tells.
    private func fits(_ name: ProcessName) -> Bool? {
        if names.contains(where: { name.matches($0) }) { return true }
        return name.mayBeCut ? nil : false
    }

    /// Nil where it could not be read.
    private func fits(_ line: CommandLine, _ name: ProcessName) -> Bool? {
        guard let program = line.program, let whole = line.line else { return nil }
        if !names.isEmpty, fits(name) != true, !names.contains(where: { $0.matches(bytes: program) }) { return false }
        return commands.isEmpty || commands.contains { $0.matches(bytes: whole) }
    }

    /// The users as numbers: their names are the host's, not those of our own image.
    private func numbers(_ host: Host) throws(CheckError) -> Set<UInt32> {
        var numbers: Set<UInt32> = []
        var table: UserTable?
        for user in users {
            if let number = UInt32(user) {
                numbers.insert(number)
                continue
            }
            if table == nil { table = try looking { () throws(HostFileError) in try host.users() } }
            guard let number = table?.numbers[user] else {
                throw .degraded(
                    because: "the host's own users do not include \(user.safe(limit: 64))",
                    remedy: "give the user's number: id -u NAME on the host tells it"
                )
            }
            numbers.insert(number)
        }
        return numbers
    }

    /// The process that a PID file names; nil where it does not run.
    private static func process(
        of path: Path,
        in pass: ProcessPass,
        _ host: Host,
        checksAge: Bool
    ) throws(CheckError) -> Int32? {
        let file: PIDFile
        do {
            file = try host.pidFile(path.description)
        } catch .absent(_, nil) {
            return nil
        } catch {
            throw CheckError(error)
        }
        guard let process = pass[file.pid] else { return nil }
        guard checksAge else { return process.pid }
        // Its number was given anew: what runs now began long after the file was written.
        let boot = try looking { () throws(HostFileError) in try host.bootTime() }
        let began = boot.at + .milliseconds(Int64(clamping: process.start.multipliedReportingOverflow(by: 10).0))
        return began.since(file.written) > Self.slack ? nil : process.pid
    }

    /// By how much a clock that was set may mislead.
    private static let slack = Duration.seconds(600)
}
