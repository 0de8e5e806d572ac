// Of processes: names, what they were started with, control groups; and who the users are.

extension Scrubber {
    /// `<pid>/stat`: the name, and what tells where in memory things lie.
    mutating func processLine(_ text: String) -> String {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else { return "" }
        let name = self.text(text[text.index(after: open)..<close])
        // From the state, which is the third field; places in memory, and the signals, as numbers of the kernel's document.
        let hidden: Set = [26, 27, 28, 29, 30, 35, 45, 46, 47, 48, 49, 50, 51]
        let rest = fields(text[text.index(after: close)...]) { scrubber, fields in
            for index in fields.indices where hidden.contains(index + 3) && fields[index].utf8.count > 1 {
                fields[index] = "0"
                scrubber.remove(.pointer)
            }
        }
        return text[...open] + name + ")" + rest
    }

    /// A line of `<pid>/status`.
    mutating func processStatus(_ line: Substring) -> String {
        guard line.hasPrefix("Name:") else { return String(line) }
        let name = line.dropFirst(5).drop { $0 == "\t" || $0 == " " }
        return line[..<name.startIndex] + text(name)
    }

    /// `<pid>/cmdline`: the program stays, each argument is replaced.
    mutating func commandLine(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        var words = bytes.split(separator: 0, omittingEmptySubsequences: false)
        let isEnded = words.last?.isEmpty == true
        if isEnded { words.removeLast() }
        var made: [[UInt8]] = []
        for (index, word) in words.enumerated() {
            if index > 0 {
                // As long lists as there are; longer ones than anybody compares are cut where they are read.
                if !word.elementsEqual("x".utf8) { remove(.argument) }
                made.append(Array("x".utf8))
            } else {
                made.append(Array(program(word).utf8))
            }
        }
        return Array(made.joined(separator: [0])) + (isEnded ? [0] : [])
    }

    /// The first word, which a program may overwrite with anything: what can be no path is cut off.
    private mutating func program(_ word: ArraySlice<UInt8>) -> String {
        let path = word.prefix { $0.isWord && $0 < 0x80 || "/._+-".utf8.contains($0) }
        if path.count < word.count { remove(.argument) }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return text(path.text) }
        return self.path(path[...slash].text) + text(path[(slash + 1)...].text)
    }

    // MARK: - Control groups

    /// A line of `<pid>/cgroup`: `4:freezer:/docker/0f3a…`.
    mutating func controlGroups(_ line: Substring) -> String {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return "" }
        return "\(parts[0]):\(parts[1]):" + controlGroup(parts[2])
    }

    /// A control group's path.
    mutating func controlGroup(_ path: some StringProtocol) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { group(String($0)) }.joined(separator: "/")
    }

    private mutating func group(_ part: String) -> String {
        if part.isEmpty || Self.isUsualGroup(part) { return part }
        // systemd writes a pod's UUID with other hyphens.
        let made = part.contains("-pod") || part.hasPrefix("pod") ? pod(part) : figures(part)
        // An engine's own word with an identifier, and nothing else.
        let engines = [
            "docker-", "cri-containerd-", "crio-", "crio-conmon-", "libpod-", "libpod-conmon-", "pod", "kubepods-pod",
            "kubepods-burstable-pod", "kubepods-besteffort-pod", "",
        ]
        for engine in engines where part.hasPrefix(engine) {
            let rest = made.dropFirst(engine.utf8.count)
            let id = rest.prefix { $0.isHexDigit || $0 == "-" || $0 == "_" }
            if id.utf8.count >= 12, id.contains("00000"), ["", ".scope", ".slice"].contains(rest[id.endIndex...]) {
                return made
            }
        }
        let end = [".service", ".scope", ".slice", ".socket", ".mount"].first { part.hasSuffix($0) } ?? ""
        return name(.unit, part.dropLast(end.utf8.count)) + end
    }

    private mutating func pod(_ part: String) -> String {
        guard let start = part.ranges(of: "pod").last?.upperBound else { return part }
        let made = figures(String(part[start...].map { $0 == "_" ? "-" : $0 }))
        return part[..<start] + (part.contains("_") ? String(made.map { $0 == "-" ? "_" : $0 }) : made)
    }

    // MARK: - Users

    /// A line of `passwd`: the name and the number stay related, the rest is gone.
    mutating func user(_ line: Substring) -> String? {
        let fields = line.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4, !fields[0].isEmpty else { return nil }
        let name = Self.isUsualUser(String(fields[0])) ? String(fields[0]) : self.name(.userName, fields[0])
        return "\(name):x:\(fields[2]):0::/:/"
    }

    // MARK: - The kernel's log

    /// A record: names, and control groups.
    mutating func kernelRecord(_ line: Substring) -> String {
        line.split(separator: ",", omittingEmptySubsequences: false).map { part in
            // Of a task's own set only the last folder is told.
            part.hasPrefix("cpuset=") ? "cpuset=" + controlGroup(part.dropFirst(7)) : recordPart(part)
        }.joined(separator: ",")
    }

    private mutating func recordPart(_ part: Substring) -> String {
        var result = ""
        var rest = part
        while let slash = rest.indices.first(where: { rest[$0] == "/" && $0 > rest.startIndex }) {
            let path = rest[slash...].prefix { $0 != " " && $0 != ")" }
            let isGroup = "= ".contains(rest[rest.index(before: slash)])
            result += text(rest[..<slash]) + (isGroup ? controlGroup(path) : text(path))
            rest = rest[path.endIndex...]
        }
        return result + text(rest)
    }
}
