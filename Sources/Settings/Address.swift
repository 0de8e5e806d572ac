/// Which instances of a section a value is for.
enum Scope: Hashable, Sendable {
    /// Every instance of the kind.
    case all
    case unnamed
    /// By its canonical name.
    case named(String)
}

/// A section and which of its instances.
struct Place: Hashable, Sendable {
    var section: String
    var scope: Scope
}

/// One setting of one place.
struct Address: Hashable, Sendable {
    var place: Place
    var key: String
}

/// What a path means.
enum Match {
    /// A section itself, whose Boolean value is its switch when it is a kind.
    case section(any AnySection)
    /// An instance itself, with its name as written.
    case instance(Place, name: String)
    /// Something that only holds further keys.
    case group
    case field(Address, FieldShape, fromFile: Bool)
    case badName(String)
    case unknown

    /// Whether a declaration stands behind it.
    var isKnown: Bool {
        switch self {
        case .section, .instance, .group, .field: true
        case .badName, .unknown: false
        }
    }
}

/// The declared sections prepared for looking paths up.
struct SectionIndex {
    let section: any AnySection
    let shapes: [FieldShape]
    private let byKey: [String: FieldShape]
    private let groups: Set<String>

    init(_ section: any AnySection) {
        self.section = section
        shapes = section.shapes()
        byKey = Dictionary(shapes.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        groups = Set(
            shapes.flatMap { shape in (1..<shape.path.count).map { shape.path[..<$0].joined(separator: ".") } }
        )
    }

    /// What a path below the section means; `container` names the instance that a label speaks of.
    func match(_ path: ArraySlice<String>, container: String? = nil) -> Match {
        guard let first = path.first else { return .section(section) }
        let scope: Scope =
            switch section.instances {
            case .single: .unnamed
            case .both: .unnamed
            case .named: .all
            }
        if isOurs(first) {
            let own = container.map { Scope.named(Names.canonical(Names.instance(ofContainer: $0))) }
            return lookup(path, Place(section: section.key, scope: section.instances == .single ? scope : own ?? scope))
        }
        guard section.instances != .single else { return .unknown }
        let below = path.dropFirst()
        let isDefaults = first == Names.defaults
        guard isDefaults || Names.isInstance(first) else { return .badName(first) }
        let place = Place(section: section.key, scope: isDefaults ? .all : .named(Names.canonical(first)))
        guard !below.isEmpty else { return isDefaults ? .group : .instance(place, name: first) }
        return lookup(below, place)
    }

    /// Whether a key directly below the section holds further keys.
    func isGroup(_ key: String) -> Bool { groups.contains(key) }

    /// Whether a key directly below the section or an instance is a field, a group or a field's file.
    private func isOurs(_ key: String) -> Bool {
        groups.contains(key) || byKey[key] != nil || fileField(key) != nil
    }

    private func lookup(_ path: ArraySlice<String>, _ place: Place) -> Match {
        let key = path.joined(separator: ".")
        if let shape = byKey[key] { return .field(Address(place: place, key: key), shape, fromFile: false) }
        if groups.contains(key) { return .group }
        if let shape = fileField(key) { return .field(Address(place: place, key: shape.key), shape, fromFile: true) }
        return .unknown
    }

    private func fileField(_ key: String) -> FieldShape? {
        guard key.hasSuffix(Names.fileSuffix), let shape = byKey[String(key.dropLast(Names.fileSuffix.count))] else {
            return nil
        }
        return shape.acceptsFile ? shape : nil
    }
}
