import Basics
import Daemon
import Settings

/// `custos.1`, the manual page, made from the declarations in `mdoc(7)`.
enum ManualPage {
    static var text: String {
        var page = Mdoc()
        page.macro("Dd", Version.date)
        page.macro("Dt", "CUSTOS 1")
        page.macro("Os")
        page.section("NAME")
        page.macro("Nm", "custos")
        page.macro("Nd", "watch containers and the host, and tell what changes")
        // The tree is our own words; that it can be read is tested.
        let commands = (try? CommandTree.all().leaves()) ?? []
        synopsis(commands, &page)
        description(&page)
        options(commands, &page)
        self.commands(commands, &page)
        configuration(&page)
        environment(&page)
        files(&page)
        page.section("EXIT STATUS")
        page.list(ExitStatus.meanings.map { (.plain("\($0.code)"), $0.meaning) })
        signals(&page)
        examples(&page)
        return page.text
    }

    private typealias Leaf = (words: [String], command: CommandTree)

    /// What every command takes, which is said once.
    private static func common(_ commands: [Leaf]) -> [CommandTree.Argument] {
        let run = commands.first { $0.words == ["run"] }
        return run?.command.arguments ?? []
    }

    /// What only this command takes.
    private static func own(_ command: CommandTree, _ commands: [Leaf]) -> [CommandTree.Argument] {
        let shared = common(commands).compactMap { $0.names?.first?.name }
        return (command.arguments ?? []).filter { argument in
            argument.names?.first.map { !shared.contains($0.name) } ?? true
        }
    }

    private static func synopsis(_ commands: [Leaf], _ page: inout Mdoc) {
        page.section("SYNOPSIS")
        for (words, command) in commands {
            page.macro("Nm", "custos")
            page.macro("Cm", words.joined(separator: " "))
            for argument in own(command, commands) {
                let value = argument.valueName ?? "value"
                let name = argument.names?.first.map { "Fl -\($0.name)" }
                let repeated = argument.isRepeating ? " ..." : ""
                switch argument.kind {
                case .flag: page.macro("Op", name ?? "")
                case .option: page.macro("Op", "\(name ?? "") Ar \(value)\(repeated)")
                case .positional where argument.isOptional: page.macro("Op", "Ar \(value)\(repeated)")
                case .positional: page.macro("Ar", value + repeated)
                }
            }
        }
    }

    private static func description(_ page: inout Mdoc) {
        page.section("DESCRIPTION")
        page.paragraph(
            """
            Custos watches the containers of a Docker Engine and the host that they run on. It tells standard output and \
            webhooks of each change once. What was decided is on disk before it is sent, so nothing is lost when a \
            receiver is down or Custos is killed. Without a command it runs `run`.
            """
        )
        page.paragraph(
            """
            `alerts`, `events`, `silence`, `health` and `sinks` ask the watchdog that runs on the same machine over its \
            control socket; the other commands need none.
            """
        )
    }

    private static func options(_ commands: [Leaf], _ page: inout Mdoc) {
        page.section("OPTIONS")
        page.paragraph("Every command that reads the configuration takes these.")
        page.list(common(commands).map(item))
    }

    private static func commands(_ commands: [Leaf], _ page: inout Mdoc) {
        page.section("COMMANDS")
        for (words, command) in commands {
            page.subsection("custos " + words.joined(separator: " "))
            if let abstract = command.abstract { page.plain(abstract) }
            if let discussion = command.discussion {
                discussion.contains("\n") ? page.literal(discussion) : page.plain(discussion)
            }
            page.list(own(command, commands).map(item))
        }
    }

    private static func item(_ argument: CommandTree.Argument) -> Mdoc.Item {
        var text = argument.abstract ?? ""
        if let values = argument.allValues, !values.allSatisfy(text.contains) {
            text += " One of \(values.joined(separator: ", "))."
        }
        if let value = argument.defaultValue { text += " The default is \(value)." }
        let names = (argument.names ?? []).sorted { $0.kind == .short && $1.kind != .short }
        guard !names.isEmpty else { return (.argument(argument.valueName ?? "value"), text) }
        let value = argument.kind == .option ? argument.valueName : nil
        return (.options(names.map { ($0.kind == .short ? "" : "-") + $0.name }, value: value), text)
    }

    private static func configuration(_ page: inout Mdoc) {
        page.section("CONFIGURATION")
        page.paragraph(
            """
            Nothing is required. A setting comes, from the strongest source, from the command line (`--set`), a label on \
            the watched container where the setting allows it, the environment, the files, or its default. `custos \
            explain` says of each where it comes from, and `custos config check` lists every mistake. Changed files are \
            taken up by themselves.
            """
        )
        page.paragraph("The file is YAML with these sections:")
        page.list(
            ConfigurationCatalogue.all.sections.filter { !$0.key.isEmpty }.map { (.command($0.key), $0.summary) }
        )
    }

    private static func environment(_ page: inout Mdoc) {
        page.section("ENVIRONMENT")
        page.paragraph(
            """
            In the name of a variable `__` stands between the parts of the setting's path, and an instance's name comes \
            after its section's: `CUSTOS_WEBHOOK__OPS__URL`. Lists are separated by commas, maps are key=value,key=value. \
            Where a file may hold the value, the name with `_FILE` behind it takes the file's path.
            """
        )
        var items: [Mdoc.Item] = [
            (.variable(["CUSTOS_CONFIG"]), "The configuration file, or a folder of them."),
            (.variable(["NO_COLOR"]), "Keeps colours out of what is written to a terminal."),
        ]
        for section in ConfigurationCatalogue.all.sections {
            for shape in section.shapes() {
                let names = [Reference.variable(section, shape)] + shape.alsoFrom
                let file = shape.acceptsFile ? " May come from a file." : ""
                let value = shape.defaultShown.isEmpty ? "" : " The default is \(shape.defaultShown)."
                items.append((.variable(names), shape.summary + file + value))
            }
        }
        page.list(items)
    }

    private static func files(_ page: inout Mdoc) {
        page.section("FILES")
        page.list([
            (.path(ConfigurationSource.defaultPath), "The configuration, where nobody names another."),
            (.path(JournalSettings().path), "Alerts, undelivered events and what happened."),
            (
                .path(ControlSettings().socket),
                "The control socket; beside the journal where its folder cannot be written."
            ),
        ])
    }

    private static func signals(_ page: inout Mdoc) {
        page.section("SIGNALS")
        page.list([
            (.plain("SIGHUP"), "Reads the configuration again; one with a fatal problem is refused as a whole."),
            (.plain("SIGTERM, SIGINT"), "Tells sinks what is due, for a few seconds at most, and ends."),
        ])
    }

    private static func examples(_ page: inout Mdoc) {
        page.section("EXAMPLES")
        page.paragraph("One complete look at this machine:")
        page.literal("custos check")
        page.paragraph("Mute a container for the time of an update:")
        page.literal("custos silence add target=monitoring/grafana/1 --for 30m --comment update")
        page.paragraph("Find out why a setting is what it is:")
        page.literal("custos explain docker.start_limit")
    }
}
