extension Intake {
    /// Decides every setting of every instance: merge, assign, judge together.
    mutating func finish() -> (resolution: Resolution, problems: [Problem]) {
        var sections: [String: [Resolved]] = [:]
        for index in index.sections {
            let unnamed = Place(section: index.section.key, scope: .unnamed)
            let named = instances.filter { $0.key.section == index.section.key && $0.key.scope != .unnamed }
            var names = named.sorted { $0.value.name < $1.value.name }
                .map { (place: $0.key, name: String?.some($0.value.name), origin: $0.value.origin) }
            if hasUnnamed(index.section, isConfigured: instances[unnamed] != nil, isAlone: named.isEmpty) {
                let origin = instances[unnamed]?.origin ?? switches[index.section.key]?.origin ?? .byDefault
                names.insert((unnamed, nil, origin), at: 0)
            }
            sections[index.section.key] = names.map { resolve(index, $0.place, $0.name, $0.origin) }
        }
        if let gravest = overflow.first {
            tellLast(Problem(gravest.origin, "", "\(overflow.count) more problems are not listed"))
        }
        return (Resolution(sections: sections, catalogue: catalogue), problems)
    }

    private mutating func resolve(_ index: SectionIndex, _ place: Place, _ name: String?, _ origin: Origin) -> Resolved
    {
        let section = index.section
        let inherited = inheritedKeys(section)
        var ranked: [String: [Candidate]] = [:]
        for shape in index.shapes { ranked[shape.key] = candidates(for: shape.key, place, inherited) }
        for (one, other) in section.alternatives { choose(between: one, other, &ranked, section, name) }
        let isOn = isEnabled(section, ranked[Names.enabled]?.first, isConfigured: instances[place] != nil)
        let (built, isUsable) = judge(section, &ranked, name, isOn ? origin : nil)
        let id = (section.key.isEmpty ? [] : [section.key]) + (name.map { [$0] } ?? [])
        let shown = Dictionary(built.values.map { ($0.key, $0.shown) }, uniquingKeysWith: { first, _ in first })
        return Resolved(
            name: name,
            section: section.key,
            isEnabled: isOn && isUsable,
            built: built,
            effective: index.shapes.map { shape in
                let ladder = ranked[shape.key, default: []]
                return Effective(
                    path: (id + shape.path).joined(separator: "."),
                    shown: shown[shape.key] ?? String(isOn && isUsable),
                    origin: ladder.first?.origin ?? enabledOrigin(section, shape),
                    shadows: ladder.dropFirst().map { .init(shown: shape.show($0.raw) ?? "", origin: $0.origin) }
                )
            },
            chosen: ranked.compactMapValues { ladder in
                ladder.first.map { Resolved.Chosen(raw: $0.raw, fromCommandLine: $0.tier == .commandLine) }
            }
        )
    }

    /// Of two keys that say the same, the weaker one is as if it had not been set; equally strong ones are a problem.
    private mutating func choose(
        between one: String,
        _ other: String,
        _ ranked: inout [String: [Candidate]],
        _ section: any AnySection,
        _ name: String?
    ) {
        guard let first = ranked[one]?.first, let second = ranked[other]?.first else { return }
        if first.rank != second.rank || first.isOff || second.isOff {
            let weaker = second.isOff || !first.isOff && first.rank > second.rank ? other : one
            ranked[weaker] = []
            return
        }
        ranked[other] = []
        // What many inherit is told once.
        guard atOdds.insert(second.origin).inserted else { return }
        let path = [section.key, name ?? "", other].filter { !$0.isEmpty }.joined(separator: ".")
        let message = "set beside `\(one)` (\(first.origin)), which says the same otherwise"
        tell(Problem(second.origin, path, message, remedy: "keep one of the two"))
    }

    /// Builds the groups and judges their values together.
    ///
    /// What does not go together falls back to the next weaker value, and if nothing helps the instance is not usable.
    /// Without an origin, what is missing is not told: the instance is off anyway.
    private mutating func judge(
        _ section: any AnySection,
        _ ranked: inout [String: [Candidate]],
        _ name: String?,
        _ origin: Origin?
    ) -> (built: Built, isUsable: Bool) {
        var told: Set<String> = []
        while true {
            let built = section.build(ranked.compactMapValues { $0.first?.raw })
            guard !built.faults.isEmpty else { return (built, true) }
            var hasChanged = false
            for fault in built.faults {
                let winner = ranked[fault.key]?.first
                let path = [section.key, name ?? "", fault.key].filter { !$0.isEmpty }.joined(separator: ".")
                if let place = winner?.origin ?? origin, told.insert(fault.key).inserted {
                    // An instance's origin need not name the key that it lacks.
                    tell(Problem(place, path, winner == nil ? "`\(fault.key)` \(fault.message)" : fault.message))
                }
                if winner != nil {
                    ranked[fault.key]?.removeFirst()
                    hasChanged = true
                }
            }
            if !hasChanged { hasChanged = Self.dropEnvironment(&ranked) }
            guard hasChanged else { return (built, false) }
        }
    }

    /// Takes back everything that the environment said: its mistakes must not stop what runs by default (S32).
    private static func dropEnvironment(_ ranked: inout [String: [Candidate]]) -> Bool {
        var hasChanged = false
        for (key, ladder) in ranked {
            let kept = ladder.filter { $0.tier != .environment && $0.tier != .foreignEnvironment }
            if kept.count < ladder.count {
                ranked[key] = kept
                hasChanged = true
            }
        }
        return hasChanged
    }

    /// The keys that the section `defaults` feeds, when both hold the same group.
    func inheritedKeys(_ section: any AnySection) -> Set<String> {
        guard let defaults = index[Names.defaults]?.section, defaults.group == section.commonGroup else { return [] }
        return section.commonKeys
    }

    /// What was offered for one setting of one instance, strongest first.
    func candidates(for key: String, _ place: Place, _ inherited: Set<String>) -> [Candidate] {
        var offers = offers(key, place, nearness: 2)
        if place.scope != .all { offers += self.offers(key, Place(section: place.section, scope: .all), nearness: 1) }
        if inherited.contains(key) {
            offers += self.offers(key, Place(section: Names.defaults, scope: .unnamed), nearness: 0)
        }
        return offers.sorted { ($0.rank, $0.order) > ($1.rank, $1.order) }
    }

    /// The rank puts what was set for the very instance first, then the kind, then `defaults`, and within each the
    /// command line before the environment before files; a label comes right after what the operator set for that
    /// very instance, or for everything on the command line (S28).
    private func offers(_ key: String, _ place: Place, nearness: Int) -> [Candidate] {
        candidates[Address(place: place, key: key), default: []].map { candidate in
            var candidate = candidate
            candidate.rank =
                switch candidate.tier {
                case .label: 150
                case .commandLine: nearness == 2 ? 300 : 160 + nearness
                case .file, .foreignEnvironment, .environment: nearness * 100 + candidate.tier.rawValue
                }
            return candidate
        }
    }

    private func enabledOrigin(_ section: any AnySection, _ shape: FieldShape) -> Origin {
        guard shape.path == [Names.enabled] else { return .byDefault }
        return switches[section.key]?.origin ?? .byDefault
    }

    /// Whether there is an instance without a name; `<key>: on` means it where nobody named another.
    private func hasUnnamed(_ section: any AnySection, isConfigured: Bool, isAlone: Bool) -> Bool {
        switch section.instances {
        case .single: true
        case .both: isConfigured || section.enabledByDefault || isAlone && isSwitchedOn(section) == true
        case .named: false
        }
    }

    /// What the kind's own switch says.
    private func isSwitchedOn(_ section: any AnySection) -> Bool? {
        switches[section.key].map { $0.raw == .text("true") }
    }

    /// The kind's switch turns all off; else the instance's own word counts, else whether anybody configured it.
    private func isEnabled(_ section: any AnySection, _ own: Candidate?, isConfigured: Bool) -> Bool {
        guard section.isKind else { return true }
        let general = isSwitchedOn(section)
        if general == false { return false }
        if let own, case .text(let text) = own.raw, let isOn = try? Bool(setting: text) { return isOn }
        return general ?? (section.enabledByDefault || isConfigured)
    }
}

extension Candidate {
    /// Whether it says that there is no value.
    fileprivate var isOff: Bool {
        switch raw {
        case .null: true
        case .text(let text): ["off", "none", "null"].contains(text.lowercased())
        case .list, .map: false
        }
    }
}
