import Basics

@testable import Settings

extension Parser {
    static let settings = [
        Parser("ContainerLabels", of: "Settings/Resolution+labels.swift", "Basics/Glob.swift") { bytes in
            var labels: [String: String] = [:]
            // Each unknown name is compared with all known ones: a few say as much as many.
            for line in String(decoding: bytes.start, as: UTF8.self).split(separator: "\n").prefix(3) {
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                if parts.count == 2 { labels[parts[0]] = parts[1] }
            }
            let container = Settings.ContainerLabels(container: "web", labels: labels)
            let (resolution, problems) = EveryValue.catalogue.resolve(Sources(labels: [container]))
            let own = resolution.instance(of: EveryValue.single, labels: container)
            for problem in problems + own.problems { _ = problem.description }
            return problems.isEmpty && own.problems.isEmpty
        },
        Parser("YAMLReader", of: "Settings/YAMLReader.swift", fixtures: ["settings/*.yaml"]) { bytes in
            let document = Document(name: "custos.yaml", bytes: bytes.start)
            let (resolution, problems) = EveryValue.catalogue.resolve(Sources(documents: [document]))
            for problem in problems { _ = problem.description }
            return problems.isEmpty && !resolution.effective.isEmpty
        },
    ]
}

extension RawSpan {
    /// As much as can hold every setting once; longer ones would take their time and show no more.
    fileprivate var start: [UInt8] { Array(array.prefix(512)) }
}

/// A setting of each type that labels and files may set.
private struct EveryValue: SettingsGroup {
    var address: HTTPAddress?
    var amount: ByteCount = 0
    var count = 3
    var every: Duration = .seconds(30)
    var globs: [Glob] = []
    var isOn = true
    var names: [String: String] = [:]
    var number = 0.5
    var pattern: Pattern?
    var place: HostPort? = HostPort("127.0.0.1", 9797)
    var secret: Secret?
    var share: Percent = 90
    var text = ""

    static var schema: Schema<Self> {
        Schema {
            Field("address", \.address, "An address.", fromLabels: true)
            Field("amount", \.amount, "An amount.", fromLabels: true)
            Field("count", \.count, "A count.", in: 1...1000, fromLabels: true)
            Field("every", \.every, "A span.", in: .seconds(1)..., fromLabels: true)
            Field("globs", \.globs, "Some globs.", fromLabels: true)
            Field("is_on", \.isOn, "A switch.", fromLabels: true)
            Field("names", \.names, "Some names.", fromLabels: true)
            Field("number", \.number, "A number.", fromLabels: true)
            Field("pattern", \.pattern, "A pattern.", fromLabels: true)
            Field("place", \.place, "A host and a port.", fromLabels: true)
            Field("secret", \.secret, "A secret.")
            Field("share", \.share, "A share.", in: 1...100, fromLabels: true)
            Field("text", \.text, "A text.", fromLabels: true)
        }
    }

    static let single = Section("one", Self.self, summary: "Occurs once.")
    static let named = Section("many", Self.self, instances: .both, isKind: true, summary: "Occurs by name.")
    static let catalogue = Catalogue([single, named], labels: [PlainLabel("ignore", "Leaves the container alone.")])
}
