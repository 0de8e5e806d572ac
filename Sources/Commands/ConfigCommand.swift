import ArgumentParser
import Basics
import Daemon
import Settings

/// `custos config`: what is configured, and whether it is right.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Checks and shows the configuration.",
        subcommands: [Check.self, Show.self, Example.self, SchemaPage.self]
    )

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists every problem, each with its place and remedy; exits with 78 if there is one."
        )

        @OptionGroup var source: SourceOptions

        func run() throws {
            let (_, problems) = source.source.load()
            guard problems.isEmpty else { throw CommandFailure(problems) }
            Terminal.write("The configuration has no problem.\n")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows every setting in effect; secrets are redacted."
        )

        @OptionGroup var source: SourceOptions
        @Flag(help: "Says where each value comes from and what it shadows.") var origin = false
        @Flag(help: "Leaves out what nobody set.") var changed = false

        func run() throws {
            let configuration = try source.load()
            var table = Table(origin ? ["SETTING", "VALUE", "ORIGIN"] : ["SETTING", "VALUE"])
            for value in configuration.resolution.effective where !changed || value.origin != .byDefault {
                var row = [value.path, value.shown.isEmpty ? "-" : value.shown]
                if origin {
                    let shadows = value.shadows.map { "\($0.origin)" }.joined(separator: ", ")
                    row.append("\(value.origin)" + (shadows.isEmpty ? "" : " (over \(shadows))"))
                }
                table.add(row)
            }
            Terminal.write(table.text)
        }
    }

    struct Example: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints a file with every setting at its default.")

        func run() {
            Terminal.write(Reference.example(ConfigurationCatalogue.all))
        }
    }

    struct SchemaPage: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "schema",
            abstract: "Prints the JSON Schema of the file, for editors."
        )

        func run() {
            Terminal.write(Reference.jsonSchema(ConfigurationCatalogue.all).text + "\n")
        }
    }
}
