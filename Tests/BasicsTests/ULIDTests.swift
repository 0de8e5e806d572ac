import Testing

@testable import Basics

struct ULIDTests {
    @Test("identifiers rise strictly, within one millisecond and when the clock steps back")
    func monotonic() {
        var generator = ULID.Generator()
        var last = generator.next(at: Timestamp(milliseconds: 1_700_000_000_000))
        for step in 0..<10_000 {
            let next = generator.next(at: Timestamp(milliseconds: 1_700_000_000_000 + Int64(step % 7) - 3))
            #expect(last < next)
            last = next
        }
    }

    @Test("a generator goes on behind what another one gave, and never goes back")
    func skipping() throws {
        var first = ULID.Generator()
        let past = first.next(at: Timestamp(milliseconds: 1_700_000_000_000))
        var second = ULID.Generator()
        second.skip(past: past)
        let next = second.next(at: Timestamp(milliseconds: 1_600_000_000_000))
        #expect(next > past)
        second.skip(past: past)
        #expect(second.next(at: Timestamp(milliseconds: 0)) > next)
        // The greatest there is: a damaged journal may hold it.
        second.skip(past: try #require(ULID(String(repeating: "Z", count: 26))))
        #expect(second.next(at: Timestamp(milliseconds: 0)).description.count == 26)
    }

    @Test("the first ten characters are the time")
    func time() {
        var generator = ULID.Generator()
        // The specification's own example.
        #expect(generator.next(at: Timestamp(milliseconds: 1_469_918_176_385)).description.hasPrefix("01ARYZ6S41"))
    }

    @Test(
        "only 26 characters of the alphabet are accepted",
        arguments: [
            "", "01ARYZ6S41", "01ARYZ6S41TSV4RRFFQ69G5FAI", "01arYZ6S41TSV4RRFFQ69G5FAV", "01ARYZ6S41TSV4RRFFQ69G5FAVV",
        ]
    )
    func refusing(text: String) {
        #expect(ULID(text) == nil)
    }

    @Test("a good one is kept as it is")
    func accepting() {
        #expect(ULID("01ARYZ6S41TSV4RRFFQ69G5FAV")?.description == "01ARYZ6S41TSV4RRFFQ69G5FAV")
    }
}
