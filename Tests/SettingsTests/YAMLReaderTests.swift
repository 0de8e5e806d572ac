import Basics
import Settings
import TestSupport
import Testing

/// The bounds within which a file is read, and what stands outside them.
@Suite struct YAMLReaderTests {
    private func problems(_ bytes: [UInt8]) -> [String] {
        let sources = Sources(documents: [Document(name: "custos.yaml", bytes: bytes)])
        return Sample.catalogue.resolve(sources).problems.lines
    }

    @Test func `a file above 1 MiB is refused unread`() {
        let filler = [UInt8](repeating: UInt8(ascii: "#"), count: 1 << 20)
        #expect(problems(filler) == [])
        #expect(problems(filler + [10]) == ["custos.yaml:1:1: the file is larger than 1 MiB and was not read"])
    }

    @Test func `fifty megabytes on disk are refused after the first one`() throws {
        let file = try TemporaryFile(size: 50_000_000)
        let (documents, problems) = Sources.documents(at: file.path)
        #expect(documents.isEmpty)
        #expect(problems.lines == ["\(file.path):1:1: cannot be read: larger than 1MiB"])
    }

    @Test func `an aliases bomb is told in two lines and costs nothing`() {
        var text = "a: &a [x,x]\n"
        for index in 0..<1000 { text += "b\(index): &b\(index) [*a,*a,*a,*a]\n" }
        let lines = problems(Array(text.utf8))
        #expect(
            lines.prefix(2) == [
                "custos.yaml:1:4: anchors are not supported; write the value out",
                "custos.yaml:2:10: aliases are not supported; write the value out",
            ]
        )
        // Beyond a bound the rest is counted.
        #expect(lines.count == 501)
        #expect(lines.last?.hasSuffix("503 more problems are not listed") == true)
    }

    @Test("deep nesting stops at 16 levels", arguments: ["[", "{a: ", "- "])
    func depth(_ opening: String) {
        let lines = problems(
            Array(("disk: " + (opening == "- " ? "\n  " : "") + String(repeating: opening, count: 100_000)).utf8)
        )
        #expect(lines.count == 1)
        #expect(lines.first?.hasSuffix("nested more than 16 levels deep") == true)
    }

    @Test func `the number of values is bounded`() {
        let text = "disk: {ignore: [" + String(repeating: "a,", count: 100_001) + "]}"
        #expect(problems(Array(text.utf8)).first?.hasSuffix("more than 100000 values") == true)
    }

    @Test func `a variable's value never becomes YAML and may be quoted by nobody`() {
        let (resolution, problems) = Sample.resolve(
            "node: ${NODE}\ndisk: {warning: '${SECRET}'}",
            environment: ["NODE": "a\nwebhook: {url: http://evil}", "SECRET": "hunter2"]
        )
        #expect(resolution.value(of: Sample.root).node == "a\nwebhook: {url: http://evil}")
        #expect(resolution.instances(of: Sample.webhook).isEmpty)
        #expect(
            problems.lines == [
                "custos.yaml:2:8: disk.warning: expected a percentage such as 85%, from 1% to 100%, found `${SECRET}`"
            ]
        )
    }

    @Test(
        "variables, their defaults and plain dollars",
        arguments: [
            ("${A}", "1"), ("x${A}y${A}", "x1y1"), ("${ABSENT:-d}", "d"), ("${EMPTY:-d}", "d"), ("$$", "$"),
            ("$${A}", "${A}"), ("a$", "a$"), ("$A", "$A"), ("${A:-d}", "1"), ("cost $5", "cost $5"),
        ]
    )
    func expansion(_ text: String, _ expected: String) {
        let (resolution, problems) = Sample.resolve("node: '\(text)'", environment: ["A": "1", "EMPTY": ""])
        #expect(problems.isEmpty)
        #expect(resolution.value(of: Sample.root).node == expected)
    }

    @Test func `an expansion that grows without bound is refused`() {
        let (_, problems) = Sample.resolve(
            "node: \(String(repeating: "${A}", count: 100))",
            environment: ["A": String(repeating: "x", count: 10_000)]
        )
        #expect(problems.lines == ["custos.yaml:1:1: node: longer than 64 KiB after expansion; shorten it"])
    }

    @Test func `an empty file, a comment and empty sections are no problem`() {
        for text in ["", "# nothing\n", "---\n", "disk:\nhttp:\nwebhook: {}\n", "\u{FEFF}node: a\n"] {
            #expect(problems(Array(text.utf8)) == [])
        }
    }

    @Test func `thousands of random mutations never crash it`() {
        let sample = Array(Reference.example(Sample.catalogue).utf8.filter { $0 != UInt8(ascii: "#") })
        let spice = Array("{}[]:,-&*!|>'\"%@`#$ \t\n\0\\~?<".utf8) + [0xFF, 0xC3, 0xE2, 0x80]
        var random = SeededGenerator(state: 42)
        var withProblems = 0
        for _ in 0..<2000 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = spice.randomElement(using: &random) ?? 0
                case 2: bytes.insert(spice.randomElement(using: &random) ?? 0, at: place)
                default:
                    let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
                    bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0..<bytes.count, using: &random))
                }
            }
            let sources = Sources(documents: [Document(name: "custos.yaml", bytes: bytes)])
            let (resolution, problems) = Sample.catalogue.resolve(sources)
            #expect(resolution.instances(of: Sample.disk).count == 1)
            #expect(problems.filter { $0.description.contains("\n") } == [])
            withProblems += problems.isEmpty ? 0 : 1
        }
        #expect(withProblems > 1000)
    }
}
