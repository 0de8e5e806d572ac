import Basics

/// One value offered for one setting.
struct Candidate: Sendable {
    var raw: RawSetting
    var origin: Origin
    var tier: Tier
    /// Later of the same tier wins.
    var order: Int
    /// Whether it was given through `<key>_file`.
    var fromFile: Bool
    /// How much it counts for the instance it is offered to.
    var rank = 0

    /// The kinds of sources, weakest first.
    enum Tier: Int, Comparable {
        case label, file, foreignEnvironment, environment, commandLine

        static func < (left: Tier, right: Tier) -> Bool { left.rawValue < right.rawValue }
    }
}

/// Takes entries (path, value, origin) from all sources, matches them to the declarations and checks them.
struct Intake {
    let catalogue: Catalogue
    let index: CatalogueIndex
    let environment: [String: String]
    let files: FileAccess
    private(set) var problems: [Problem] = []
    private(set) var candidates: [Address: [Candidate]] = [:]

    /// The instances that any source names, with the spelling and origin of the first that did.
    private(set) var instances: [Place: (name: String, origin: Origin)] = [:]

    /// The kinds' own switches.
    private(set) var switches: [String: Candidate] = [:]

    /// Where two ways of saying the same were found at odds.
    var atOdds: Set<Origin> = []

    /// How many problems went untold, and the gravest of them.
    private(set) var overflow: (count: Int, first: Problem?) = (0, nil)
    private var count = 0

    init(_ catalogue: Catalogue, environment: [String: String], files: FileAccess) {
        self.catalogue = catalogue
        index = CatalogueIndex(catalogue)
        self.environment = environment
        self.files = files
    }

    /// Takes all sources, the weakest first.
    init(_ catalogue: Catalogue, _ sources: Sources, files: FileAccess) {
        self.init(catalogue, environment: sources.environment, files: files)
        for document in sources.documents { take(document) }
        takeEnvironment()
        for argument in sources.commandLine { take(argument: argument) }
        for container in sources.labels { take(container) }
    }

    /// More problems than anybody reads.
    private static let limit = 500

    /// A value on its way in.
    struct Entry {
        var path: [String]
        var raw: RawSetting
        var origin: Origin
        var tier: Candidate.Tier
        /// What a problem may quote of the value; nil when it might reveal something.
        var quote: String?
        var container: String?

        var key: String { path.joined(separator: ".") }
    }

    /// Takes one value whose meaning is known.
    mutating func take(_ entry: Entry, as match: Match) {
        switch match {
        case .field(let address, let shape, let fromFile): take(entry, address, shape, fromFile)
        case .section(let section) where section.isKind: takeSwitch(entry, section)
        case .instance(let place, let name):
            guard let section = index[place.section], section.section.isKind, case .text(let text) = entry.raw,
                (try? Bool(setting: text)) != nil
            else {
                guard !isNearlyKey(name, in: place.section) else { return refuseUnknown(entry) }
                return refuse(entry, "names an instance, not a setting", remedy: "add a key below it")
            }
            touch(place, name, entry.origin)
            var entry = entry
            entry.path.append(Names.enabled)
            take(entry, as: index.match(entry.path))
        case .section, .group: refuse(entry, "is a section, not a setting", remedy: "add a key below it")
        case .badName(let name) where isNearlyKey(name, in: entry.path[0]): refuseUnknown(entry)
        case .badName(let name):
            refuse(
                entry,
                "`\(name.safe(limit: 64))` is neither a key nor fit for an instance's name",
                remedy: "names are lower case: a-z, 0-9, - and _"
            )
        case .unknown: refuseUnknown(entry)
        }
    }

    /// Whether what would be an instance's name is rather a key with a slip of the pen.
    private func isNearlyKey(_ name: String, in section: String) -> Bool {
        Nearest.match(name, index[section]?.shapes.map { $0.path[0] } ?? []) != nil
    }

    /// Notes that an instance exists.
    mutating func touch(_ place: Place, _ name: String, _ origin: Origin) {
        if instances[place] == nil { instances[place] = (name, origin) }
    }

    /// Notes a problem; beyond a bound only their number.
    mutating func tell(_ problem: Problem) {
        if problems.count < Self.limit {
            problems.append(problem)
        } else {
            overflow.count += 1
            if overflow.first.map({ problem.isFatal && !$0.isFatal }) ?? true { overflow.first = problem }
        }
    }

    /// Notes what the bound left out.
    mutating func tellLast(_ problem: Problem) { problems.append(problem) }

    mutating func refuse(_ entry: Entry, _ message: String, remedy: String? = nil) {
        tell(Problem(entry.origin, entry.key, message, remedy: remedy))
    }

    /// Says which key is unknown and, in the source's own spelling, which one is near.
    private mutating func refuseUnknown(_ entry: Entry) {
        var problem = Problem(entry.origin, entry.key, "unknown key")
        if let key = entry.path.last, key.hasSuffix(Names.fileSuffix) {
            let plain = entry.path.dropLast() + [String(key.dropLast(Names.fileSuffix.count))]
            if case .field = index.match(Array(plain)) { return refuse(entry, "this key cannot be read from a file") }
        }
        let isListed = problems.count < Self.limit
        let nearest = isListed ? index.nearest(to: entry.path) { entry.tier != .label || $0.fromLabels } : nil
        switch entry.tier {
        case .environment, .foreignEnvironment:
            problem.message = "unknown variable"
            problem.nearest = nearest.map { Names.variable($0) }
        case .label:
            problem.message = "unknown label"
            problem.nearest = nearest.map { Names.labelPrefix + $0.joined(separator: ".") }
        case .commandLine: problem.nearest = nearest?.joined(separator: ".")
        case .file:
            let isSibling = nearest.map { $0.dropLast() == entry.path.dropLast() } ?? false
            problem.nearest = isSibling ? nearest?.last : nearest?.joined(separator: ".")
        }
        tell(problem)
    }

    private mutating func refuseLabel(_ entry: Entry) {
        refuse(entry, "cannot be set from a label", remedy: "set it in the file or the environment")
    }

    private mutating func takeSwitch(_ entry: Entry, _ section: any AnySection) {
        guard case .text(let text) = entry.raw, let isOn = try? Bool(setting: text) else {
            return refuse(entry, "expected \(Bool.expectation), or keys below it\(found(entry))")
        }
        guard entry.tier != .label else { return refuseLabel(entry) }
        let candidate = self.candidate(.text(isOn.settingText), entry, fromFile: false)
        if let present = switches[section.key], present.tier > candidate.tier { return }
        switches[section.key] = candidate
    }

    private mutating func take(_ entry: Entry, _ address: Address, _ shape: FieldShape, _ fromFile: Bool) {
        if entry.tier == .label, fromFile || !shape.fromLabels { return refuseLabel(entry) }
        var raw = entry.raw
        if fromFile {
            guard let content = readFile(entry) else { return }
            raw = content
        }
        if let mismatch = shape.check(raw) {
            let quote = shape.isSecret || fromFile ? "" : found(entry)
            refuse(entry, "expected \(mismatch.expected)\(quote)")
        } else if refusedTwice(entry, address, raw, fromFile) {
            return
        } else {
            candidates[address, default: []].append(candidate(raw, entry, fromFile: fromFile))
        }
        // An instance exists even when its value is wrong: it must not vanish for a typo.
        switch address.place.scope {
        case .named(let canonical):
            touch(address.place, spelling(canonical, entry), entry.origin)
        case .unnamed where entry.tier != .foreignEnvironment: touch(address.place, "", entry.origin)
        case .unnamed, .all: break
        }
    }

    /// The instance's name as the source writes it.
    private func spelling(_ canonical: String, _ entry: Entry) -> String {
        let names = entry.path.dropFirst() + (entry.container.map { [Names.instance(ofContainer: $0)] } ?? [])
        return names.first { Names.canonical($0) == canonical } ?? canonical
    }

    private mutating func candidate(_ raw: RawSetting, _ entry: Entry, fromFile: Bool) -> Candidate {
        count += 1
        return Candidate(raw: raw, origin: entry.origin, tier: entry.tier, order: count, fromFile: fromFile)
    }

    /// Whether the same source already gave this setting, which is a problem of its own.
    ///
    /// On the command line the last one wins.
    private mutating func refusedTwice(_ entry: Entry, _ address: Address, _ raw: RawSetting, _ fromFile: Bool) -> Bool
    {
        guard
            let other = candidates[address]?.last(where: {
                $0.tier == entry.tier && isSameSource($0.origin, entry.origin)
            })
        else { return false }
        if other.fromFile != fromFile {
            refuse(entry, "set both directly and by file (also \(other.origin))", remedy: "keep one of the two")
            // The direct value is used, whichever came first.
            if other.fromFile { candidates[address]?.removeAll { $0.order == other.order } }
            return fromFile
        }
        guard entry.tier != .commandLine, other.raw != raw else { return false }
        refuse(entry, "set twice (also \(other.origin))", remedy: "keep one of the two")
        return true
    }

    private func isSameSource(_ left: Origin, _ right: Origin) -> Bool {
        if case .file(let one, _, _) = left, case .file(let other, _, _) = right { one == other } else { true }
    }

    /// The content of the file that a `<key>_file` names, without one final newline.
    private mutating func readFile(_ entry: Entry) -> RawSetting? {
        guard case .text(let path) = entry.raw, !path.isEmpty, !path.utf8.contains(0) else {
            refuse(entry, "expected the path of a file")
            return nil
        }
        do throws(FileFailure) {
            var bytes = try files.read(path, 1 << 16)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw FileFailure("is not UTF-8 text") }
            return .text(text)
        } catch {
            refuse(entry, "file \(path.safe(limit: 256)): \(error.message)", remedy: error.remedy)
            return nil
        }
    }

    private func found(_ entry: Entry) -> String {
        switch entry.raw {
        case .null: ", found nothing"
        case .list: ", found a list"
        case .map: ", found a map"
        case .text: entry.quote.map { ", found `\($0.safe(limit: 60))`" } ?? ""
        }
    }
}
