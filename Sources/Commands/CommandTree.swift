import ArgumentParser

/// The commands with their arguments as ArgumentParser tells them: what the manual is made of.
struct CommandTree: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool
    var subcommands: [CommandTree]?
    var arguments: [Argument]?

    struct Argument: Decodable {
        var kind: Kind
        var names: [Name]?
        var valueName: String?
        var abstract: String?
        var defaultValue: String?
        var allValues: [String]?
        var isOptional: Bool
        var isRepeating: Bool

        enum Kind: String, Decodable { case positional, option, flag }

        /// One spelling, without its dashes.
        struct Name: Decodable {
            var kind: Kind
            var name: String

            enum Kind: String, Decodable { case long, short, longWithSingleDash }
        }
    }

    private struct Tool: Decodable {
        var command: CommandTree
    }

    /// The whole of `custos`.
    static func all() throws -> CommandTree {
        try JSONText.decode(Tool.self, Array(CustosCommand._dumpHelp().utf8)).command
    }

    /// Every command that does something and its words: `["silence", "add"]`, in the order declared.
    func leaves(_ above: [String] = []) -> [(words: [String], command: CommandTree)] {
        let below = (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
        guard !below.isEmpty else { return [(above, self)] }
        return below.flatMap { $0.leaves(above + [$0.commandName]) }
    }
}
