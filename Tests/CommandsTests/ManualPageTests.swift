import Daemon
import Settings
import Testing

@testable import Commands

@Suite struct ManualPageTests {
    private let page = ManualPage.text

    @Test("every command has its place, with every argument")
    func commands() throws {
        let leaves = try CommandTree.all().leaves()
        let lines = page.split(separator: "\n")
        #expect(leaves.map { $0.words.joined(separator: " ") }.contains("silence add"))
        #expect(!leaves.contains { $0.words == ["docs"] })
        for (words, command) in leaves {
            let title = ".Ss custos \(words.joined(separator: " "))"
            let place = lines.drop { $0 != title }.dropFirst().prefix { !$0.hasPrefix(".S") }
            #expect(!place.isEmpty, "\(title)")
            for argument in command.arguments ?? [] {
                let name = argument.names?.last?.name.replacing("-", with: "\\-")
                if ["config", "set", "help"].contains(name) { continue }
                let tag = name.map { ".It Fl \\-\($0)" } ?? ".It Ar"
                #expect(place.contains { $0.hasPrefix(tag) }, "\(words) \(tag)")
            }
        }
        for tag in [".It Fl \\-config Ar config", ".It Fl \\-set Ar key=value", ".It Fl h , Fl \\-help"] {
            #expect(page.contains(tag), "\(tag)")
        }
    }

    @Test("every variable, section and exit status is listed")
    func lists() {
        for section in ConfigurationCatalogue.all.sections {
            for shape in section.shapes() {
                let name = Reference.variable(section, shape)
                #expect(page.contains(".It Ev \(name)"), "\(name)")
                for other in shape.alsoFrom { #expect(page.contains(", Ev \(other)"), "\(other)") }
            }
        }
        #expect(ExitStatus.meanings.map(\.code) == [0, 1, 2, 3, 64, 69, 70, 73, 78])
        for (code, _) in ExitStatus.meanings { #expect(page.contains(".It \(code)\n"), "\(code)") }
    }

    @Test("no line is longer than the formatter likes, or a macro by accident")
    func lines() {
        let macros = ["Dd", "Dt", "Os", "Sh", "Ss", "Nm", "Nd", "Cm", "Op", "Ar", "Pp", "Bl", "El", "It", "Bd", "Ed"]
        for line in page.split(separator: "\n") where line.hasPrefix(".") {
            #expect(macros.contains(String(line.dropFirst().prefix { $0 != " " })), "\(line)")
        }
        // A list of patterns is one word, which nothing breaks.
        for line in page.split(separator: "\n") where !line.hasPrefix(".") && line.contains(" ") {
            #expect(line.utf8.count <= 80, "\(line)")
        }
    }
}

@Suite struct MdocTests {
    @Test("a list longer than a line may be broken behind its commas, a short one stays whole")
    func longLists() {
        var page = Mdoc()
        let patterns = [String](repeating: "veth*", count: 20).joined(separator: ",")
        page.plain("The default is \(patterns), not a,b.")
        let broken = patterns.replacing(",", with: ",\\:")
        #expect(page.text == "The default is\n\(broken),\\:\nnot a,b.\n")
    }

    @Test("whatever is put in comes out as words, never as markup")
    func escapes() {
        var page = Mdoc()
        page.plain(".Sh no heading. 'tis no request; a \\fBbackslash, a -dash, 10 µs, a lone ` tick.")
        page.list([(.plain("No"), "It."), (.options(["-a b"], value: "Ar"), "No."), (.variable(["A", "B"]), "Both.")])
        page.literal(".dot\nplain `bold`")
        #expect(
            page.text == #"""
                \&.Sh no heading.
                \&'tis no request; a \efBbackslash, a \-dash, 10 \[u00B5]s, a lone \(ga tick.
                .Bl -tag -width Ds
                .It \&No
                It.
                .It Fl "\-a b" Ar \&Ar
                No.
                .It Ev A , Ev B
                Both.
                .El
                .Bd -literal -offset indent
                \&.dot
                \&plain \fBbold\fP
                .Ed

                """#
        )
    }

    @Test("a sentence begins a line, and a long one is wrapped")
    func wraps() {
        var page = Mdoc()
        page.plain("One. Two " + String(repeating: "word ", count: 20) + "end.")
        let lines = page.text.split(separator: "\n")
        #expect(lines.first == "One.")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.count <= 80 })
        page = Mdoc()
        page.section("A")
        page.paragraph("First.")
        page.paragraph("Second.")
        #expect(page.text == ".Sh A\nFirst.\n.Pp\nSecond.\n")
    }
}
