import Basics
import FoundationEssentials
import Settings
import Testing

@Suite struct ReferenceTests {
    @Test func `a section's page has one row per key`() {
        let page = Reference.markdown(for: Sample.http)
        #expect(page.contains("| `url` | URL | `off` | `CUSTOS_HTTP__<NAME>__URL` | yes | The address to ask. |\n"))
        #expect(
            page.contains(
                "| `retry.attempts` | integer | `3` | `CUSTOS_HTTP__<NAME>__RETRY__ATTEMPTS` | yes | "
                    + "How often it tries. |\n"
            )
        )
        #expect(page.contains("| `enabled` | boolean | `true` |"))
        #expect(page.contains("`http.defaults.<key>`"))
        #expect(Reference.markdown(for: Sample.docker).contains("`CUSTOS_DOCKER__HOST`, `DOCKER_HOST`"))
        #expect(Reference.markdown(for: Sample.smart).contains("| `every` | duration | `30m` |"))
    }

    @Test func `the environment's page names every variable, the labels' page every label`() {
        let environment = Reference.environment(Sample.catalogue)
        for name in ["CUSTOS_NODE", "NODE_NAME", "CUSTOS_DISK", "CUSTOS_DISK__WARNING", "CUSTOS_WEBHOOK__TOKEN"] {
            #expect(environment.contains("`\(name)`"))
        }
        #expect(environment.contains("`CUSTOS_WEBHOOK__TOKEN` *"))
        let labels = Reference.labels(Sample.catalogue)
        #expect(labels.contains("`custos.ignore`"))
        #expect(labels.contains("`custos.docker.restarts.critical`"))
        #expect(!labels.contains("token"))
        #expect(!labels.contains("headers"))
    }

    @Test func `the example resolves without problems, as it is and with every key uncommented`() {
        let example = Reference.example(Sample.catalogue)
        #expect(Sample.resolve(example).problems.lines == [])
        let live = example.split(separator: "\n", omittingEmptySubsequences: false).map { (line: Substring) -> String in
            let rest = line.drop { $0 == " " }
            guard rest.first == "#", rest.dropFirst().first != " " else { return String(line) }
            return String(line.prefix { $0 == " " } + rest.dropFirst())
        }.joined(separator: "\n")
        let (resolution, problems) = Sample.resolve(live)
        // The sample instance has no address of its own to give.
        #expect(problems.map(\.message) == ["must be set"])
        let values = Dictionary(uniqueKeysWithValues: resolution.effective.map { ($0.path, $0.shown) })
        for value in Sample.resolve().resolution.effective {
            #expect(values[value.path] == value.shown)
        }
        #expect(live.contains("  warning: 90%"))
        #expect(live.contains("every: 30m"))
    }

    @Test func `every field is in the example, the schema and a page`() {
        let example = Reference.example(Sample.catalogue)
        let schema = Reference.jsonSchema(Sample.catalogue).text
        for section in Sample.catalogue.sections {
            let page = Reference.markdown(for: section)
            for shape in section.shapes() {
                #expect(example.contains("#\(shape.path.last ?? ""): "))
                #expect(schema.contains("\"\(shape.path.last ?? "")\":{"))
                #expect(page.contains("| `\(shape.key)` |"))
            }
        }
    }

    @Test func `the schema is closed, and instances have a pattern`() throws {
        let schema = Reference.jsonSchema(Sample.catalogue)
        let decoded = try JSONDecoder().decode(Top.self, from: Data(schema.utf8))
        #expect(decoded.schema == "https://json-schema.org/draft/2020-12/schema")
        #expect(!decoded.additionalProperties)
        let keys = Set(Sample.catalogue.sections.map(\.key)).subtracting([""])
        #expect(Set(decoded.properties.keys) == keys.union(["node", "node_file"]))
        #expect(schema.text.contains("[a-z][a-z0-9_-]{0,63}$"))
        #expect(schema.text.contains("\"token_file\""))
    }

    private struct Top: Decodable {
        var schema: String
        var additionalProperties: Bool
        var properties: [String: Anything]

        enum CodingKeys: String, CodingKey {
            case schema = "$schema"
            case additionalProperties, properties
        }

        struct Anything: Decodable {}
    }

    @Test func `a secret that is a default or in use is in no page and no list of values`() {
        let catalogue = Catalogue([Section("leak", Leak.self, summary: "Holds a secret by default.")])
        let sources = Sources(documents: [Document(name: "a", bytes: Array("leak: {other: hunter3}".utf8))])
        let (resolution, problems) = catalogue.resolve(sources)
        #expect(problems.isEmpty)
        let text = [
            Reference.markdown(for: catalogue.sections[0]), Reference.environment(catalogue),
            Reference.labels(catalogue),
            Reference.jsonSchema(catalogue).text, Reference.example(catalogue),
            resolution.effective.map { "\($0)" }.joined(), "\(resolution)",
        ].joined()
        #expect(!text.contains("hunter"))
    }

    private struct Leak: SettingsGroup {
        var token = Secret("hunter2")
        var other: Secret?
        var url: String? = "hunter4"
        static var schema: Schema<Self> {
            Schema {
                Field("token", \.token, "A token.", fromLabels: true)
                Field("other", \.other, "Another token.")
                Field("url", \.url, "An address.", secret: true)
            }
        }
    }

    @Test func `the sample's declarations have no mistakes, and a bad one is found`() {
        #expect(Sample.catalogue.mistakes == [])
        let bad = Catalogue([
            Section("Disk", Bad.self, common: Bad.self, summary: ""), Section("Disk", Bad.self, summary: ""),
        ])
        for mistake in [
            "two sections are named `Disk`", "`Disk` is not a key", "`Disk.low` is declared twice",
            "`Disk.low__2` is not a key", "`Disk.low__2`: the summary is not a sentence",
            "`Disk.low`: its default is not a whole number, from 5 to 6",
        ] {
            #expect(bad.mistakes.contains(mistake))
        }
    }

    private struct Bad: SettingsGroup {
        var low = 1
        var low2 = 1
        static var schema: Schema<Self> {
            Schema {
                Field("low", \.low, "Too low.", in: 5...6)
                Field("low__2", \.low2, "no sentence")
            }
        }
    }
}
