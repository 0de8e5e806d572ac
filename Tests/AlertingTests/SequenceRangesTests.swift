import Alerting
import Testing

struct SequenceRangesTests {
    @Test(
        arguments: [
            ([], "", 0), ([4], "4", 1), ([1, 2, 3], "1-3", 3), ([9, 3, 5, 4, 3], "3-5,9", 4),
        ] as [([Int64], String, Int64)]
    )
    func `numbers are written short and read back`(numbers: [Int64], text: String, count: Int64) {
        let ranges = SequenceRanges(numbers)
        #expect(ranges.description == text)
        #expect(ranges.count == count)
        #expect(SequenceRanges(parsing: text) == ranges)
    }

    @Test func `ranges are joined where they touch or overlap`() {
        var ranges = SequenceRanges(parsing: "1-5,9")
        ranges.formUnion(SequenceRanges(parsing: "4-8,20"))
        #expect(ranges.description == "1-9,20")
        #expect(ranges.contains(9))
        #expect(!ranges.contains(10))
    }

    @Test func `what is no range is left out`() {
        #expect(SequenceRanges(parsing: "x,5-2,,7").description == "7")
    }
}
