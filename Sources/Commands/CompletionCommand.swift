import ArgumentParser

/// `custos completion SHELL`: the script by which a shell completes our commands.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Prints the completion script for a shell.",
        discussion: """
            custos completion bash > /usr/share/bash-completion/completions/custos
            custos completion zsh > /usr/local/share/zsh/site-functions/_custos
            custos completion fish > /usr/share/fish/vendor_completions.d/custos.fish
            """
    )

    /// The shells that have a script.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var script: String {
            switch self {
            case .bash: CustosCommand.completionScript(for: .bash)
            case .zsh: CustosCommand.completionScript(for: .zsh)
            case .fish: CustosCommand.completionScript(for: .fish)
            }
        }
    }

    @Argument(help: "bash, zsh or fish.") var shell: Shell

    func run() {
        Terminal.write(shell.script + "\n")
    }
}
