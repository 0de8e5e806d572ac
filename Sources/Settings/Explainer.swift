extension Catalogue {
    /// What there is to say about a key, and every problem of the sources.
    ///
    /// The key is a path as in the file or after `--set`, a variable's name, or a container label's.
    package func explain(
        _ key: String,
        _ sources: Sources,
        files: FileAccess = .none
    ) -> (explanation: Explanation, problems: [Problem]) {
        let explainer = Explainer(self, sources, files: files)
        return (explainer.explain(key), explainer.problems)
    }
}

/// Looks a key up in the declarations and in what the sources made of them.
struct Explainer {
    private let intake: Intake
    private let resolution: Resolution
    let problems: [Problem]

    /// How a key is spelled.
    private enum Spelling { case path, variable, label }

    init(_ catalogue: Catalogue, _ sources: Sources, files: FileAccess) {
        var intake = Intake(catalogue, sources, files: files)
        (resolution, problems) = intake.finish()
        self.intake = intake
    }

    func explain(_ key: String) -> Explanation {
        let (path, spelling) = parse(key)
        if spelling == .label, let label = intake.catalogue.labels.first(where: { [$0.key] == path }) {
            return .label(label)
        }
        switch path.contains("") ? .unknown : intake.index.match(path) {
        case .field(let address, let shape, _):
            guard let index = intake.index[address.place.section] else { break }
            return .setting(setting(address, shape, index))
        case .section, .group:
            guard let index = intake.index[path[0]] else { break }
            return .section(listing(index, path))
        case .instance(let place, _):
            guard let index = intake.index[place.section], !isMistyped(path, place) else { break }
            return .section(listing(index, [place.section, name(of: place)]))
        case .badName, .unknown: break
        }
        return .unknown(similar: similar(to: path, spelling))
    }

    /// Whether what could be an instance's name is none that is configured, and nearly a setting.
    private func isMistyped(_ path: [String], _ place: Place) -> Bool {
        let names = resolution.sections[place.section, default: []].compactMap { $0.name.map(Names.canonical) }
        guard place.scope != .all, !names.contains(where: { $0 == canonical(place) }) else { return false }
        // A short name is near to much: it is compared by itself.
        guard let nearest = intake.index.nearest(to: path), nearest.dropLast() == path.dropLast() else { return false }
        return Nearest.match(path[path.count - 1], nearest.suffix(1)) != nil
    }

    private func parse(_ key: String) -> (path: [String], spelling: Spelling) {
        if key.hasPrefix(Names.prefix) { return (Intake.segments(key.dropFirst(Names.prefix.count)), .variable) }
        for index in intake.index.sections {
            guard let shape = index.shapes.first(where: { $0.alsoFrom.contains(key) }) else { continue }
            return (base(index.section) + shape.path, .variable)
        }
        let isLabel = key.hasPrefix(Names.labelPrefix)
        let rest = isLabel ? key.dropFirst(Names.labelPrefix.count) : key[...]
        return (rest.split(separator: ".", omittingEmptySubsequences: false).map(String.init), isLabel ? .label : .path)
    }

    private func base(_ section: any AnySection) -> [String] { section.key.isEmpty ? [] : [section.key] }

    // MARK: - What is

    private func setting(_ address: Address, _ shape: FieldShape, _ index: SectionIndex) -> ExplainedSetting {
        let section = index.section
        let path = base(section) + middle(address.place, section) + shape.path
        let resolved = resolution.sections[section.key, default: []]
        let own = resolved.first { $0.name.map(Names.canonical) == canonical(address.place) }
        let position = index.shapes.firstIndex { $0.key == shape.key }
        return ExplainedSetting(
            path: path.joined(separator: "."),
            shape: shape,
            value: address.place.scope == .all
                ? general(shape, section, path) : position.flatMap { own?.effective[$0] },
            instances: resolved.compactMap(\.name),
            variable: Names.variable(path),
            label: shape.fromLabels ? Names.labelPrefix + (base(section) + shape.path).joined(separator: ".") : nil,
            problems: problems.filter { isAbout(address, $0) }
        )
    }

    /// What holds for all instances of a kind: no instance has it as its own.
    private func general(_ shape: FieldShape, _ section: any AnySection, _ path: [String]) -> Effective {
        let place = Place(section: section.key, scope: .all)
        let ladder = intake.candidates(for: shape.key, place, intake.inheritedKeys(section))
        return Effective(
            path: path.joined(separator: "."),
            shown: ladder.first.flatMap { shape.show($0.raw) } ?? shape.defaultShown,
            origin: ladder.first?.origin ?? .byDefault,
            shadows: ladder.dropFirst().map { .init(shown: shape.show($0.raw) ?? "", origin: $0.origin) }
        )
    }

    private func listing(_ index: SectionIndex, _ path: [String]) -> ExplainedSection {
        let key = path.joined(separator: ".")
        let configured = resolution.sections[index.section.key, default: []].flatMap(\.effective).filter {
            $0.path.hasPrefix(key + ".")
        }
        // Without an instance there is what it would begin with.
        let isNamed = index.section.instances != .single && path.count > 1 && !index.isGroup(path[1])
        let group = path.dropFirst(isNamed ? 2 : 1)
        let inherited = index.shapes.filter { $0.path.starts(with: group) }.map { shape in
            general(shape, index.section, path.dropLast(group.count) + shape.path)
        }
        return ExplainedSection(
            path: key,
            summary: index.section.summary,
            settings: configured.isEmpty ? inherited : configured,
            isConfigured: !configured.isEmpty || isNamed && path[1] == Names.defaults
        )
    }

    private func canonical(_ place: Place) -> String? {
        if case .named(let name) = place.scope { name } else { nil }
    }

    /// The instance's part of a path.
    private func middle(_ place: Place, _ section: any AnySection) -> [String] {
        switch place.scope {
        case .unnamed: []
        case .all: section.instances == .named ? [] : [Names.defaults]
        case .named: [name(of: place)]
        }
    }

    /// An instance's name as the first source wrote it.
    private func name(of place: Place) -> String { intake.instances[place]?.name ?? canonical(place) ?? "" }

    private func isAbout(_ address: Address, _ problem: Problem) -> Bool {
        let path = problem.path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard case .field(let other, _, _) = intake.index.match(path) else { return false }
        return other == address
    }

    // MARK: - What is not

    /// The nearest key; else those that end as asked, for the last part may be all that somebody remembers.
    private func similar(to path: [String], _ spelling: Spelling) -> [String] {
        let nearest = intake.index.nearest(to: path) { spelling != .label || $0.fromLabels }
        let ending = intake.catalogue.paths.filter { $0.suffix(path.count) == path[...] }.prefix(5)
        return (nearest.map { [$0] } ?? Array(ending)).map { path in
            switch spelling {
            case .path: path.joined(separator: ".")
            case .variable: Names.variable(path)
            case .label: Names.labelPrefix + path.joined(separator: ".")
            }
        }
    }
}
