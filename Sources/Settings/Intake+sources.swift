import Basics

// MARK: - YAML

extension Intake {
    /// Takes one file.
    mutating func take(_ document: Document) {
        let (root, faults) = YAMLReader.read(document.bytes)
        for fault in faults {
            let origin = Origin.file(document.name, line: fault.mark.line, column: fault.mark.column)
            tell(Problem(origin, "", fault.message, remedy: fault.remedy))
        }
        guard let root else { return }
        switch root.content {
        case .null: break
        case .map(let members): for member in members { walk(member, [], document.name) }
        case .scalar, .list:
            let origin = Origin.file(document.name, line: root.mark.line, column: root.mark.column)
            tell(Problem(origin, "", "the file must be a map of sections", remedy: "write `section:`"))
        }
    }

    private mutating func walk(_ member: YAMLMember, _ above: [String], _ file: String) {
        let path = above + [member.key]
        let match = index.match(path)
        let origin = Origin.file(file, line: member.mark.line, column: member.mark.column)
        switch (match, member.value.content) {
        case (.section, .null), (.group, .null): break
        case (.instance(let place, let name), .null): touch(place, name, origin)
        case (.section, .map(let members)), (.group, .map(let members)):
            for member in members { walk(member, path, file) }
        case (.instance(let place, let name), .map(let members)):
            touch(place, name, origin)
            for member in members { walk(member, path, file) }
        default:
            var entry = Entry(path: path, raw: .null, origin: origin, tier: .file)
            guard let raw = value(member.value, &entry) else { return }
            entry.raw = raw
            take(entry, as: match)
        }
    }

    /// The node with its variables put in; nil when that failed, which is a problem already told.
    private mutating func value(_ node: YAMLNode, _ entry: inout Entry) -> RawSetting? {
        switch node.content {
        case .null: return .null
        case .scalar(let text, let plain):
            // What came from a variable is never quoted: it may be a secret.
            entry.quote = text
            do throws(Expansion.Failure) {
                let expanded = try Expansion.expand(text) { environment[$0] }
                return plain && expanded.isEmpty ? .null : .text(expanded)
            } catch {
                refuse(entry, error.message, remedy: error.remedy)
                return nil
            }
        case .list(let items):
            var values: [RawSetting] = []
            for item in items {
                guard let value = value(item, &entry) else { return nil }
                values.append(value)
            }
            return .list(values)
        case .map(let members):
            var pairs: [RawSetting.Pair] = []
            for member in members {
                guard let value = value(member.value, &entry) else { return nil }
                pairs.append(RawSetting.Pair(member.key, value))
            }
            return .map(pairs)
        }
    }
}

// MARK: - Environment

extension Intake {
    /// Takes our variables, and those of others that a field names.
    mutating func takeEnvironment() {
        for index in index.sections {
            let base = index.section.key.isEmpty ? [] : [index.section.key]
            for shape in index.shapes {
                for name in shape.alsoFrom.reversed() {
                    guard let text = environment[name], !text.isEmpty else { continue }
                    let origin = Origin.environment(name)
                    let path = base + shape.path
                    let entry = Entry(
                        path: path,
                        raw: .text(text),
                        origin: origin,
                        tier: .foreignEnvironment,
                        quote: text
                    )
                    take(entry, as: index.match(shape.path[...]))
                }
            }
        }
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Names.prefix) {
            guard name != "CUSTOS_CONFIG", !ServiceLink.matches(name, text) else { continue }
            let path = Self.segments(name.dropFirst(Names.prefix.count))
            let match = path.contains("") ? Match.unknown : index.match(path)
            // Compose passes on `${URL:-}` as an empty variable: it means that nobody set it. A typo stays one.
            if text.isEmpty, match.isKnown { continue }
            let entry = Entry(path: path, raw: .text(text), origin: .environment(name), tier: .environment, quote: text)
            take(entry, as: match)
        }
    }

    /// `["http", "grafana", "url"]` for `HTTP__GRAFANA__URL`.
    static func segments(_ name: Substring) -> [String] {
        var parts = [""]
        var rest = name[...]
        while let character = rest.popFirst() {
            if character == "_", rest.first == "_" {
                rest.removeFirst()
                parts.append("")
            } else {
                parts[parts.count - 1] += character.lowercased()
            }
        }
        return parts
    }
}

/// The variables that Kubernetes sets for each service: `CUSTOS_PORT_9797_TCP_ADDR` for a service named `custos`.
private enum ServiceLink {
    static func matches(_ name: String, _ text: String) -> Bool {
        guard !name.contains("__") else { return false }
        let parts = name.split(separator: "_").dropFirst()
        if parts.suffix(2) == ["SERVICE", "HOST"] || parts.suffix(2) == ["SERVICE", "PORT"] { return true }
        if let service = parts.firstIndex(of: "SERVICE"), parts[service...].dropFirst().first == "PORT" { return true }
        guard let port = parts.lastIndex(where: { $0 == "PORT" }) else { return false }
        let after = parts[parts.index(after: port)...]
        if after.isEmpty {
            // CUSTOS_X_PORT=tcp://10.0.0.1:9797, or the ..._TCP_PORT of one.
            return text.contains("://") || ["TCP", "UDP", "SCTP"].contains(parts.dropLast().last)
        }
        guard let number = after.first, number.allSatisfy(\.isASCIIDigit), let transport = after.dropFirst().first
        else {
            return isDetail(parts)
        }
        return ["TCP", "UDP", "SCTP"].contains(transport)
    }

    /// `…_PORT_9797_TCP_PORT`, whose last `PORT` is not the one that the number follows.
    private static func isDetail(_ parts: ArraySlice<Substring>) -> Bool {
        let words = Array(parts)
        return words.indices.dropLast(2).contains { index in
            words[index] == "PORT" && words[index + 1].allSatisfy(\.isASCIIDigit)
                && ["TCP", "UDP", "SCTP"].contains(words[index + 2])
        }
    }
}

// MARK: - Command line and labels

extension Intake {
    /// Takes one argument of `--set`: `a.b=c`.
    mutating func take(argument: String) {
        guard let equals = argument.firstIndex(of: "=") else {
            let origin = Origin.commandLine("")
            tell(Problem(origin, "", "an argument without `=`", remedy: "write --set section.key=value"))
            return
        }
        let name = String(argument[..<equals])
        let text = String(argument[argument.index(after: equals)...])
        let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let entry = Entry(path: path, raw: .text(text), origin: .commandLine(name), tier: .commandLine, quote: text)
        take(entry, as: path.contains("") ? .unknown : index.match(path))
    }

    /// Takes the labels of one container; those of singletons are only checked, since they hold for it alone.
    mutating func take(_ container: ContainerLabels) {
        for (entry, match) in labelEntries(container) {
            guard case .field(let address, let shape, false) = match, shape.fromLabels,
                index[address.place.section]?.section.instances == .single
            else {
                take(entry, as: match)
                continue
            }
            if let mismatch = shape.check(entry.raw) { refuse(entry, "expected \(mismatch.expected)") }
        }
    }

    /// Our labels among a container's, and what they mean; what is too much is refused.
    mutating func labelEntries(_ container: ContainerLabels) -> [(entry: Entry, match: Match)] {
        var result: [(entry: Entry, match: Match)] = []
        let ours = container.labels.filter { $0.key.hasPrefix(Names.labelPrefix) }.sorted { $0.key < $1.key }
        for (name, text) in ours {
            let origin = Origin.label(name, container: container.container)
            let path = name.dropFirst(Names.labelPrefix.count).split(separator: ".", omittingEmptySubsequences: false)
                .map(String.init)
            let entry = Entry(
                path: path,
                raw: .text(text),
                origin: origin,
                tier: .label,
                quote: text,
                container: container.container
            )
            if index.isPlainLabel(path) { continue }
            if result.count >= LabelLimits.count || text.utf8.count > LabelLimits.bytes || name.utf8.count > 256 {
                refuse(entry, "ignored: at most \(LabelLimits.count) labels of at most 4 KiB each are read")
                if result.count >= LabelLimits.count { break }
                continue
            }
            result.append((entry, path.contains("") ? .unknown : index.match(path, container: container.container)))
        }
        return result
    }
}

/// How much of a container's labels is read.
private enum LabelLimits {
    static let count = 64
    static let bytes = 4096
}
