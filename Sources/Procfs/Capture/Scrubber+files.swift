// Which file is treated how.

extension Scrubber {
    /// A file's content without what tells whose machine it is.
    package mutating func scrub(_ bytes: [UInt8], _ scrubbing: Scrubbing) -> [UInt8] {
        switch scrubbing {
        case .verbatim: return bytes
        case .commandLine: return commandLine(bytes)
        case .descriptors, .names: return []
        case .processLine: return Array(processLine(bytes[...].text).utf8)
        default: break
        }
        let text = bytes[...].text
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { lines.append("") } else if let made = self.line(line, scrubbing) { lines.append(made) }
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Nil for a line that goes.
    private mutating func line(_ line: Substring, _ scrubbing: Scrubbing) -> String? {
        switch scrubbing {
        case .figures, .verbatim, .commandLine, .descriptors, .names, .processLine: figures(String(line))
        case .hostName: hostName(line)
        case .users: user(line)
        case .bond: bond(line)
        case .devices: device(line)
        case .interfaceEvents: interfaceEvent(line)
        case .routes: routes(line)
        case .routes6, .addresses6: addresses6(line)
        case .sockets, .sockets6: sockets(line)
        case .mountInfo: mountInfo(line)
        case .mountTable: mountTable(line)
        case .fileSystemTable: fileSystemTable(line)
        case .volumeName: volume(String(line))
        case .controlGroups: controlGroups(line)
        case .processStatus: processStatus(line)
        case .kernelLog: kernelRecord(line)
        }
    }

    private mutating func hostName(_ line: Substring) -> String? {
        let name = line.filter { $0 != " " && $0 != "\t" }
        guard !name.isEmpty, !name.hasPrefix("#") else {
            remove(.comment)
            return nil
        }
        return name == "localhost" ? name : self.name(.hostName, name)
    }
}
