import Testing

@testable import Commands

@Suite struct TableTests {
    @Test("columns are as wide as their widest cell, the last one is not padded")
    func alignsColumns() {
        var table = Table(["ID", "COMMENT"])
        table.add(["abcdef", "x"])
        #expect(table.text == "ID      COMMENT\nabcdef  x\n")
    }

    @Test("one very long cell does not push every row apart")
    func longCell() {
        let long = String(repeating: "x", count: 100)
        var table = Table(["A", "B"])
        table.add(["abc", "1"])
        table.add([long, "2"])
        #expect(table.text == "A    B\nabc  1\n\(long)  2\n")
    }

    @Test("a row that is shorter than the others stands")
    func shortRow() {
        var table = Table(["A", "B", "C"])
        table.add(["1"])
        #expect(table.text == "A  B  C\n1\n")
    }
}
