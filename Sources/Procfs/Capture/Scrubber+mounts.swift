// What is mounted where: devices, servers, folders and options, octal escapes and all.

extension Scrubber {
    /// A line of `<pid>/mountinfo`.
    mutating func mountInfo(_ line: Substring) -> String {
        fields(line) { scrubber, fields in
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash > 5, dash + 2 < fields.count else {
                return
            }
            let type = fields[dash + 1]
            for index in [3, 4] { fields[index] = scrubber.path(fields[index]) }
            fields[5] = scrubber.options(fields[5])
            // An empty source leaves one field fewer.
            if dash + 3 < fields.count { fields[dash + 2] = scrubber.origin(fields[dash + 2], type: type) }
            fields[fields.count - 1] = scrubber.options(fields[fields.count - 1])
        }
    }

    /// A line of `<pid>/mounts`.
    mutating func mountTable(_ line: Substring) -> String {
        fields(line) { scrubber, fields in
            guard fields.count > 4 else { return }
            // An empty source leaves one field fewer.
            let first = fields.count > 5 ? 1 : 0
            if first == 1 { fields[0] = scrubber.origin(fields[0], type: fields[2]) }
            fields[first] = scrubber.path(fields[first])
            fields[first + 2] = scrubber.options(fields[first + 2])
        }
    }

    /// A line of `fstab`; nil for a comment.
    mutating func fileSystemTable(_ line: Substring) -> String? {
        guard line.drop(while: { $0 == " " || $0 == "\t" }).first != "#" else {
            remove(.comment)
            return nil
        }
        return fields(line) { scrubber, fields in
            guard fields.count > 2 else { return }
            fields[0] = scrubber.origin(fields[0], type: fields[2])
            fields[1] = scrubber.path(fields[1])
            if fields.count > 3 { fields[3] = scrubber.options(fields[3]) }
            // Behind the options stand two numbers, or what somebody wrote.
            for index in fields.indices.dropFirst(4) where fields[index].utf8.count > 1 {
                fields[index] = "0"
                scrubber.remove(.comment)
            }
        }
    }

    // MARK: - Sources

    /// Where a filesystem comes from: a device, a server's folder, a name.
    private mutating func origin(_ text: String, type: String) -> String {
        for tag in ["UUID", "PARTUUID", "LABEL", "PARTLABEL", "ID"] where text.hasPrefix("\(tag)=") {
            let value = text.dropFirst(tag.utf8.count + 1)
            let made = figures(String(value))
            return "\(tag)=" + (made == value && !Self.isScrubbedID(made) ? name(.label, value) : made)
        }
        if text == type || Self.isUsualSource(text) { return text }
        if text.hasPrefix("//") {
            let parts = text.dropFirst(2).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            return "//" + server(parts[0]) + (parts.count > 1 ? path("/" + parts[1]) : "")
        }
        if text.hasPrefix("/") { return path(text) }
        // `server:/folder`, `user@server:folder`, `[2001:db8::1]:/folder`, several servers with commas between.
        let inner = text.lastIndex(of: "]") ?? text.startIndex
        if let colon = text[inner...].lastIndex(of: ":") {
            let servers = text[..<colon].split(separator: ",", omittingEmptySubsequences: false).map { server($0) }
            return servers.joined(separator: ",") + ":" + path(text[text.index(after: colon)...])
        }
        return path(text)
    }

    private static func isScrubbedID(_ text: String) -> Bool { text.hasPrefix("00000000-0000-4000-8000-") }

    /// A server, perhaps with a user before and a port behind.
    private mutating func server(_ text: Substring) -> String {
        if let at = text.lastIndex(of: "@") {
            return name(.userName, text[..<at]) + "@" + server(text[text.index(after: at)...])
        }
        let made = figures(String(text))
        // What was an address, or stays one.
        if made != text || text.contains(where: { $0 == ":" || $0 == "[" }) || text.isEmpty { return made }
        let digits = text.utf8.filter { $0 != UInt8(ascii: ".") }
        return digits.allSatisfy(\.isDigit) ? made : name(.hostName, text)
    }

    // MARK: - Paths

    /// A path: folders that every machine has, numbers, devices and identifiers stay or are replaced as such, all others
    /// get names of their own.
    mutating func path(_ text: some StringProtocol) -> String {
        var isDevice = false
        var parts: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false) {
            let part = String(part)
            defer { isDevice = part == "dev" }
            if part.isEmpty || Self.isUsualFolder(part) || isDevice && Self.isUsualDevice(part) {
                parts.append(part)
            } else if parts.last == "mapper" {
                parts.append(volume(part))
            } else if parts.last?.hasPrefix("by-") == true {
                let made = figures(part)
                parts.append(made != part || Self.isScrubbedID(part) ? made : name(.label, part))
            } else {
                parts.append(folder(part))
            }
        }
        return parts.joined(separator: "/")
    }

    /// A volume by its mapper's name.
    mutating func volume(_ name: String) -> String { name == "control" ? name : self.name(.volume, name) }

    private mutating func folder(_ part: String) -> String {
        let made = figures(part)
        // An identifier and nothing else.
        if made.utf8.count > 11, made.utf8.allSatisfy({ $0.hexadecimalDigit != nil || $0 == UInt8(ascii: "-") }),
            made.contains("00000")
        {
            return made
        }
        return Self.isNumbered(part, Subject.userName.prefix) ? part : name(.folder, part)
    }

    // MARK: - Options

    /// Options of a mount: switches stay, values where they are numbers, the filesystem's words, or paths and addresses,
    /// which are replaced.
    private mutating func options(_ text: String) -> String {
        text.split(separator: ",", omittingEmptySubsequences: false).map { option in
            guard let sign = option.firstIndex(of: "=") else {
                // A switch is a word of the kernel's or of systemd's.
                let isWord = option.utf8.count < 40 && option.utf8.allSatisfy { $0.isWord || "_-.".utf8.contains($0) }
                return isWord ? self.text(option) : value()
            }
            let key = option[..<sign]
            let given = option[option.index(after: sign)...]
            return "\(key)=" + value(String(given), of: key.lowercased())
        }.joined(separator: ",")
    }

    private mutating func value(_ text: String, of key: String) -> String {
        let isSecret = ["pass", "cred", "secret", "key", "user", "dom", "token", "name"].contains { key.contains($0) }
        if isSecret, !["user_id", "user_xattr", "userxattr", "namlen"].contains(key) { return value() }
        if text == "value" || Self.isUsualValue(text) { return text }
        if text.hasPrefix("/") || text.contains(":/") {
            return text.split(separator: ":", omittingEmptySubsequences: false).map { path($0) }.joined(separator: ":")
        }
        // A number, perhaps with a unit; perhaps several.
        let numbers = text.split { $0 == "," || $0 == ":" || $0 == "." }
        let isNumber =
            !numbers.isEmpty
            && numbers.allSatisfy { number in
                let digits = number.utf8.prefix(while: \.isDigit)
                return !digits.isEmpty && number.utf8.count - digits.count < 2
                    || number.hasPrefix("0x") && number.count < 11
            }
        let made = figures(text)
        return made != text || isNumber ? made : value()
    }

    private mutating func value() -> String {
        remove(.option)
        return "value"
    }
}
