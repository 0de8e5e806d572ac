/// Everything that may be configured: the sections, and what containers' labels may say besides their settings.
package struct Catalogue: Sendable {
    package let sections: [any AnySection]
    package let labels: [PlainLabel]

    package init(_ sections: [any AnySection], labels: [PlainLabel] = []) {
        self.sections = sections
        self.labels = labels
    }

    /// Resolves all sources: always a usable configuration, with defaults in place of what is wrong, and every problem.
    package func resolve(_ sources: Sources, files: FileAccess = .none) -> (resolution: Resolution, problems: [Problem])
    {
        var intake = Intake(self, sources, files: files)
        return intake.finish()
    }

    /// `CUSTOS_HTTP__GRAFANA__URL` for `http.grafana.url`.
    package static func variable(of path: String) -> String {
        Names.variable(path.split(separator: ".").map(String.init))
    }

    /// Every setting's path, without names of instances.
    package var paths: [[String]] {
        sections.flatMap { section in section.shapes().map { (section.key.isEmpty ? [] : [section.key]) + $0.path } }
    }
}

/// A container label of ours that is not a setting of a section: `custos.ignore`.
package struct PlainLabel: Sendable {
    /// Without the prefix: `ignore`.
    package let key: String
    package let summary: String

    package init(_ key: String, _ summary: String) {
        self.key = key
        self.summary = summary
    }
}

/// The catalogue prepared for looking paths up.
struct CatalogueIndex {
    let sections: [SectionIndex]
    private let byKey: [String: Int]
    private let plainLabels: Set<String>

    init(_ catalogue: Catalogue) {
        sections = catalogue.sections.map { SectionIndex($0) }
        byKey = Dictionary(zip(sections.map(\.section.key), sections.indices), uniquingKeysWith: { first, _ in first })
        plainLabels = Set(catalogue.labels.map(\.key))
    }

    subscript(key: String) -> SectionIndex? { byKey[key].map { sections[$0] } }

    func isPlainLabel(_ path: [String]) -> Bool { plainLabels.contains(path.joined(separator: ".")) }

    func match(_ path: [String], container: String? = nil) -> Match {
        guard let first = path.first else { return .group }
        if !first.isEmpty, let section = self[first] { return section.match(path.dropFirst(), container: container) }
        return self[""]?.match(path[...], container: container) ?? .unknown
    }

    /// The nearest valid path to an unknown one.
    func nearest(to path: [String], where isFit: (FieldShape) -> Bool = { _ in true }) -> [String]? {
        var candidates: [String: [String]] = [:]
        func add(_ path: [String]) { candidates[path.joined(separator: ".")] = path }
        for index in sections {
            let base = index.section.key.isEmpty ? [] : [index.section.key]
            add(base)
            // The name may be an instance's, so each field is tried below it too.
            let named = index.section.instances != .single && path.count > 2 ? base + [path[1]] : nil
            for shape in index.shapes where isFit(shape) {
                var fields = [shape.path]
                if shape.acceptsFile {
                    fields.append(shape.path.dropLast() + [shape.path[shape.path.count - 1] + "_file"])
                }
                for field in fields {
                    for length in 1...field.count {
                        add(base + field.prefix(length))
                        if let named { add(named + field.prefix(length)) }
                    }
                }
            }
        }
        candidates[""] = nil
        return Nearest.match(path.joined(separator: "."), candidates.keys).flatMap { candidates[$0] }
    }
}
