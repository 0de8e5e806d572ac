package import Basics
import CLinux
import Glibc

/// Copies what the parsers read of a host into a folder, without what tells whose host it is.
///
/// What is copied follows from `HostFiles.places`. Files are read as if the tree were the root directory, so that no link
/// leads out of it, and their content is taken as it is at that moment: a parser finds what it would have found.
package struct HostCapture {
    /// How much is copied at most.
    package struct Limits: Sendable, Equatable {
        package var processes = 64
        /// Of one file, in bytes.
        package var file = 256 << 10
        /// Of one process.
        package var descriptors = 1024
        package var threads = 32
        /// Of names in one folder: interfaces, devices.
        package var names = 512
        /// Of the kernel's log, in bytes: what one read of it gives.
        static let log = 8192

        package init() {}
    }

    private let host: Host
    private let limits: Limits
    private var folder: CaptureFolder
    private var scrubber = Scrubber()
    private var report: CaptureReport
    private var processes: [Int32] = []
    private var linked: Set<String> = []

    /// Writes the capture.
    ///
    /// - Parameters:
    ///   - host: What is captured.
    ///   - path: Where to: a folder that is empty or does not exist.
    ///   - now: For `ABOUT.md`.
    ///   - names: Of people and machines that are to be replaced beside those that the host's files name.
    ///   - limits: How much at most.
    /// - Returns: What was copied and what was not.
    /// - Throws: `CaptureError` where writing fails; what cannot be read is told in the report.
    package static func write(
        _ host: Host,
        to path: String,
        at now: Timestamp,
        names: [String] = [],
        limits: Limits = Limits()
    ) throws(CaptureError) -> CaptureReport {
        var capture = HostCapture(host, limits, try CaptureFolder(path), now)
        capture.learn(names)
        capture.chooseProcesses()
        for place in HostFiles.places { try capture.copy(place) }
        try capture.copyFreezers()
        // Whoever shares the host's network sees its limits; a reader of the capture shall, too.
        if host.sharesNetwork == true { try capture.folder.link("proc/thread-self", to: "1") }
        return try capture.finish()
    }

    private init(_ host: Host, _ limits: Limits, _ folder: CaptureFolder, _ now: Timestamp) {
        self.host = host
        self.limits = limits
        self.folder = folder
        var facts = utsname()
        uname(&facts)
        let machine = withUnsafeBytes(of: &facts.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let release = (try? host.bytes(of: KernelRelease.source)).map {
            Fields($0[...].prefix { $0 != 0x0A }).rest.text
        }
        report = CaptureReport(
            name: folder.path.split(separator: "/").last.map(String.init) ?? "capture",
            release: release ?? "of an unknown release",
            architecture: machine,
            at: now
        )
    }

    private mutating func finish() throws(CaptureError) -> CaptureReport {
        report.scrubbed = Dictionary(uniqueKeysWithValues: scrubber.counts.map { ($0.subject, $0.count) })
        (report.files, report.size) = (folder.files, folder.size)
        try folder.write("ABOUT.md", Array(report.about.utf8))
        return report
    }

    // MARK: - Before

    /// Whose names are to be found in other texts, and which networks there are.
    private mutating func learn(_ names: [String]) {
        for path in HostName.places {
            if let name = try? host.read(HostName.self, at: path) { scrubber.know(host: name.text) }
        }
        for name in names { scrubber.know(.userName, name) }
        if let users = try? host.users() {
            for name in users.numbers.keys.sorted() where !Scrubber.isUsualUser(name) { scrubber.know(.userName, name) }
        }
        if let routes = try? host.read(IPv4Routes.self) { scrubber.learnNetworks(routes) }
    }

    /// The first two, those that are stuck or have ended with their parents, then programs, then the kernel's threads.
    private mutating func chooseProcesses() {
        do {
            let pass = try ProcessTable(host).pass(by: SystemTime())
            report.allProcesses = pass.processes.count
            let first = pass.processes.filter { $0.pid < 3 }
            let stuck = pass.processes.filter { $0.isZombie || $0.isBlocked }
            let parents = stuck.compactMap { pass[$0.parent] }
            let programs = pass.processes.filter { !$0.isKernelThread }
            var chosen: Set<Int32> = []
            for process in first + stuck + parents + programs + pass.processes where chosen.count < limits.processes {
                chosen.insert(process.pid)
            }
            processes = chosen.sorted()
        } catch {
            report.miss(HostPath(.proc, "*"), error.short)
            processes = [1, 2]
        }
        report.processes = processes.count
    }

    // MARK: - Copying

    private mutating func copy(_ place: HostPlace) throws(CaptureError) {
        if let why = belongsToReader(place.path) { return report.miss(place.path, why) }
        if case .kernelLog = place.scrubbing { return try copyKernelLog(place) }
        for names in expand(place.path) {
            let parts = place.path.relative.split(separator: "/").map(String.init)
            try copy(place, fill(parts, names), named: names)
        }
    }

    /// Why a file is not the host's but ours; nil where it is the host's.
    private func belongsToReader(_ path: HostPath) -> String? {
        let why = "it would be that of the reader's own namespace"
        if path.tree == .proc, path.relative.hasPrefix("sys/"),
            let name = ParameterName(String(path.relative.dropFirst(4))),
            host.scope(of: name) == .container || host.scope(of: name) == .unknown && name.namespace == .network
        {
            return why
        }
        return path.tree == .sys && path.relative.hasPrefix("class/net/") && !host.isHostsSysfs ? why : nil
    }

    private mutating func copy(_ place: HostPlace, _ relative: String, named names: [String]) throws(CaptureError) {
        switch place.scrubbing {
        case .descriptors: return try copyDescriptors(place, relative)
        case .names:
            for name in list(place.path.tree, relative) {
                try folder.write("\(place.path.tree.rawValue)/\(relative)/\(name)", [])
            }
            return
        default: break
        }
        let limit = limits.file
        let found = attempt(place) { host throws(HostFileError) in
            try Self.read(HostPath(place.path.tree, relative), of: host, limit)
        }
        guard let (bytes, isCut) = found else { return }
        if isCut { report.cut(place.path, "cut after \(bytes.count) bytes") }
        try write(scrubber.scrub(bytes, place.scrubbing), place, relative, names)
    }

    private mutating func write(
        _ bytes: [UInt8],
        _ place: HostPlace,
        _ relative: String,
        _ names: [String]
    ) throws(CaptureError) {
        let parts = place.path.relative.split(separator: "/").map(String.init)
        switch (place.path.tree, parts.first) {
        case (.sys, "class"):
            // Where an interface lies tells whether it is hardware.
            guard let name = names.first, let file = parts.last else { return }
            let shown = scrubber.interface(name)
            let device = "devices/\(host.isPlacedVirtually(name) ? "virtual" : "pci0000:00")/net/\(shown)"
            if linked.insert(name).inserted { try folder.link("sys/class/net/\(shown)", to: "../../\(device)") }
            try folder.write("sys/\(device)/\(file)", bytes)
        case (.proc, _) where parts.contains("bonding"):
            try folder.write("proc/" + fill(parts, names.map { scrubber.interface($0) }), bytes)
        default:
            try folder.write("\(place.path.tree.rawValue)/\(relative)", bytes)
        }
    }

    private mutating func copyKernelLog(_ place: HostPlace) throws(CaptureError) {
        let records = attempt(place) { host throws(HostFileError) in try host.kernelLogRecords(limit: Limits.log) }
        if let records { try folder.write("root/dev/kmsg", scrubber.scrub(records, .kernelLog)) }
    }

    /// What reading gives; nil, and a note, where it fails.
    private mutating func attempt<Value>(
        _ place: HostPlace,
        _ read: (Host) throws(HostFileError) -> Value
    ) -> Value? {
        do throws(HostFileError) {
            return try read(host)
        } catch {
            report.miss(place.path, error.short)
            return nil
        }
    }

    /// The descriptors by their numbers: links where they are sockets, whose holders somebody may look for.
    private mutating func copyDescriptors(_ place: HostPlace, _ relative: String) throws(CaptureError) {
        let target = "proc/\(relative)"
        let listed = list(.proc, relative)
        guard listed.isEmpty else {
            try folder.make(target)
            for name in listed.prefix(limits.descriptors) {
                var buffer = [CChar](repeating: 0, count: 64)
                let count = readlink("\(host.roots.proc)/\(relative)/\(name)", &buffer, buffer.count - 1)
                let text =
                    count > 0 ? String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
                if text.hasPrefix("socket:["), text.hasSuffix("]") {
                    try folder.link("\(target)/\(name)", to: text)
                } else {
                    try folder.write("\(target)/\(name)", [])
                }
            }
            if listed.count > limits.descriptors { report.cut(place.path, "\(limits.descriptors) of \(listed.count)") }
            return
        }
        guard let pid = relative.split(separator: "/").first.flatMap({ Int32($0) }) else { return }
        switch host.openFiles(of: [pid]).first {
        case .number(let count):
            try folder.make(target)
            for number in 0..<min(count, UInt64(limits.descriptors)) { try folder.write("\(target)/\(number)", []) }
            if count > UInt64(limits.descriptors) { report.cut(place.path, "\(limits.descriptors) of \(count)") }
        case .hidden: report.miss(place.path, "must not be read")
        case .gone, nil: report.miss(place.path, "is not there")
        }
    }

    /// The freezer's state of the processes' groups, at the place that their scrubbed groups name.
    private mutating func copyFreezers() throws(CaptureError) {
        var known: Set<String> = []
        for pid in processes {
            guard
                let (lines, _) = try? Self.read(
                    HostPath(.proc, "\(pid)/\(ProcessFile.cgroup.rawValue)"),
                    of: host,
                    limits.file
                ),
                let group = Host.freezer(in: lines), group != "/", known.insert(group).inserted,
                let (state, _) = try? Self.read(Host.freezerState(of: group), of: host, limits.file)
            else { continue }
            let path = Host.freezerState(of: scrubber.controlGroup(group))
            try folder.write("sys/\(path.relative)", state)
        }
    }

    // MARK: - Reading

    /// A file's content, cut at the end of a line where it is too long.
    private static func read(
        _ path: HostPath,
        of host: Host,
        _ limit: Int
    ) throws(HostFileError) -> (bytes: [UInt8], isCut: Bool) {
        var bytes = try host.bytesWithin(path, limit: limit + (128 << 10)) { $0.count > limit }
        guard bytes.count > limit else { return (bytes, false) }
        bytes.removeSubrange(limit...)
        let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        bytes.removeSubrange(end...)
        return (bytes, true)
    }

    /// What the `*` of a path stand for, each time.
    private mutating func expand(_ path: HostPath) -> [[String]] {
        let parts = path.relative.split(separator: "/").map(String.init)
        var found: [[String]] = [[]]
        for (index, part) in parts.enumerated() where part == "*" {
            let above = Array(parts[..<index])
            found = found.flatMap { names in
                let known = path.tree == .proc && index == 0 ? processes.map(String.init) : nil
                let all = known ?? list(path.tree, fill(above, names))
                let limit = above.last == ProcessFile.task.rawValue ? limits.threads : limits.names
                // The only thread of a process says what the process says.
                if limit == limits.threads, all.count == 1 { return [[String]]() }
                if known == nil, all.count > limit { report.cut(path, "\(limit) of \(all.count)") }
                return (known ?? Array(all.prefix(limit))).map { names + [$0] }
            }
        }
        return found
    }

    /// The path with names in the places of its `*`.
    private func fill(_ parts: [String], _ names: [String]) -> String {
        var names = names[...]
        return parts.map { $0 == "*" ? names.popFirst() ?? "*" : $0 }.joined(separator: "/")
    }

    /// The names in a folder, sorted, numbers as numbers; none where it cannot be listed.
    private func list(_ tree: HostPath.Tree, _ relative: String) -> [String] {
        guard let root = host.root(of: tree) else { return [] }
        let file = custos_open_below(root, relative)
        guard file >= 0 else { return [] }
        guard let listing = fdopendir(file) else {
            close(file)
            return []
        }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != "..", name.utf8.count < 256 { names.append(name) }
        }
        return names.sorted { (Int($0) ?? .max, $0) < (Int($1) ?? .max, $1) }
    }
}

extension HostFileError {
    /// Why, without saying where.
    fileprivate var short: String {
        switch self {
        case .absent: "is not there"
        case .denied: "must not be read"
        case .unreadable(_, let errno): "cannot be read: \(errno)"
        case .malformed: "is not understood"
        case .tooLarge: "is too long"
        }
    }
}
