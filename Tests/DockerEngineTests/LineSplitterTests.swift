import Testing

@testable import DockerEngine

struct LineSplitterTests {
    private let text = Array(
        "\n{\"a\":\"é\"}\n\n\u{1E}{\"b\":2}\n   \r\n{\"longer than the limit\":true}\n\u{1E}x\u{1E}y\n{\"begun".utf8
    )
    private let expected: [LineSplitter.Record] = [
        .line(Array("{\"a\":\"é\"}".utf8)), .line(Array("{\"b\":2}".utf8)), .tooLong, .line(Array("x".utf8)),
        .line(Array("y".utf8)),
    ]

    @Test("the records are the same wherever one cut falls")
    func everyPosition() {
        for position in 0...text.count {
            var splitter = LineSplitter(limit: 20)
            #expect(
                splitter.split(text[..<position]) + splitter.split(text[position...]) == expected,
                "cut at \(position)"
            )
        }
    }

    @Test("the records are the same wherever two cuts fall")
    func everyPair() {
        for first in 0...text.count {
            for second in first...text.count {
                var splitter = LineSplitter(limit: 20)
                let records =
                    splitter.split(text[..<first]) + splitter.split(text[first..<second])
                    + splitter.split(text[second...])
                #expect(records == expected, "cuts at \(first) and \(second)")
            }
        }
    }

    @Test("the records are the same in pieces of any size", arguments: 1...40)
    func everySize(_ size: Int) {
        var splitter = LineSplitter(limit: 20)
        var records: [LineSplitter.Record] = []
        for start in stride(from: 0, to: text.count, by: size) {
            records += splitter.split(text[start..<min(start + size, text.count)])
        }
        #expect(records == expected)
    }

    @Test("a record of exactly the limit is kept, one byte more is not")
    func limit() {
        var splitter = LineSplitter(limit: 4)
        #expect(
            splitter.split(Array("abcd\nabcde\nab\n".utf8)) == [
                .line(Array("abcd".utf8)), .tooLong, .line(Array("ab".utf8)),
            ]
        )
    }
}
