import ArgumentParser
import Basics

/// `custos version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Says which version this is.")

    func run() {
        Terminal.write("custos \(Version.current)\n")
    }
}
