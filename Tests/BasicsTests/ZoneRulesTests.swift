import FoundationEssentials
import Testing

@testable import Basics

struct ZoneRulesTests {
    private func second(_ text: String) throws -> Int64 { try #require(Timestamp(text)).milliseconds / 1000 }

    /// A file with one change, in the 64-bit form, behind an empty old block.
    private func file(
        _ change: Int64,
        from first: Int32,
        to second: Int32,
        tail: String,
        version: UInt8 = 0x32
    ) -> [UInt8] {
        func header(times: UInt32, types: UInt32) -> [UInt8] {
            var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
            for count: UInt32 in [0, 0, 0, times, types, types > 0 ? 4 : 0] { bytes.append(count, isBigEndian: true) }
            return bytes
        }
        func block(wide: Bool) -> [UInt8] {
            var bytes = header(times: 1, types: 2)
            if wide {
                bytes.append(UInt64(bitPattern: change), isBigEndian: true)
            } else {
                bytes.append(UInt32(truncatingIfNeeded: change), isBigEndian: true)
            }
            bytes.append(1)
            for offset in [first, second] {
                bytes.append(UInt32(bitPattern: offset), isBigEndian: true)
                bytes += [0, 0]
            }
            return bytes + Array("ABC\0".utf8)
        }
        guard version != 0 else { return block(wide: false) }
        return header(times: 0, types: 0) + block(wide: true) + Array("\n\(tail)\n".utf8)
    }

    @Test(
        "the rules for ever give summer and winter",
        arguments: ["CET-1CEST,M3.5.0,M10.5.0/3", "<+01>-1<+02>-2,M3.5.0/2:00,M10.5.0/3"]
    )
    func tail(text: String) throws {
        let rules = try #require(ZoneRules(posix: text))
        let spring = try second("2026-03-29T01:00:00Z")
        let autumn = try second("2026-10-25T01:00:00Z")
        #expect(rules.span(at: spring - 1).offset == 3600)
        #expect(rules.span(at: spring) == ZoneRules.Span(start: spring, end: autumn, offset: 7200))
        #expect(rules.span(at: autumn).offset == 3600)
        #expect(rules.span(at: try second("2345-07-01T00:00:00Z")).offset == 7200)
    }

    @Test("the south has its summer over the turn of the year")
    func south() throws {
        let rules = try #require(ZoneRules(posix: "AEST-10AEDT,M10.1.0,M4.1.0/3"))
        #expect(rules.span(at: try second("2026-01-01T00:00:00Z")).offset == 11 * 3600)
        #expect(rules.span(at: try second("2026-06-01T00:00:00Z")).offset == 10 * 3600)
    }

    @Test("days may be counted within the year, hours be negative or more than a day has")
    func oddRules() throws {
        let counted = try #require(ZoneRules(posix: "AAA0BBB,J60/0,J61/0"))
        for year in ["2027", "2028"] {
            #expect(counted.span(at: try second("\(year)-03-01T00:00:00Z")).offset == 3600)
            #expect(counted.span(at: try second("\(year)-02-28T23:59:59Z")).offset == 0)
        }
        let leap = try #require(ZoneRules(posix: "AAA0BBB,59/0,60/0"))
        #expect(leap.span(at: try second("2028-02-29T12:00:00Z")).offset == 3600)
        #expect(leap.span(at: try second("2027-02-28T12:00:00Z")).offset == 0)
        // Nuuk: on the Saturday before the last Sunday, an hour before midnight.
        let nuuk = try #require(ZoneRules(posix: "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"))
        #expect(nuuk.span(at: try second("2026-03-29T01:00:00Z")).offset == -3600)
        #expect(nuuk.span(at: try second("2026-03-29T00:59:59Z")).offset == -7200)
        let always = try #require(ZoneRules(posix: "XXX3EDT4,0/0,J365/23"))
        for month in ["01", "06", "12"] {
            #expect(always.span(at: try second("2026-\(month)-31T12:00:00Z")).offset == -4 * 3600)
        }
    }

    @Test(
        "what is no POSIX rule is refused",
        arguments: [
            "", "CE", "CET", "CET-1CEST", "CET-25", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
            "CET-1CEST,M3.6.0,M10.5.0",
            "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J365", "CET-1CEST,M3.5.0,M10.5.0/168", "<CET-1",
            "CET-1CEST,M3.5.0,M10.5.0 ",
            "CET-99999999999999999999", "Europe/Berlin",
        ]
    )
    func broken(text: String) {
        #expect(ZoneRules(posix: text) == nil)
    }

    @Test("a file's changes come first, its rules for ever after the last")
    func file() throws {
        let change = try second("2020-01-01T00:00:00Z")
        let rules = try #require(ZoneRules(file: file(change, from: 0, to: 7200, tail: "XYZ-2")))
        #expect(rules.span(at: change - 1) == ZoneRules.Span(start: nil, end: change, offset: 0))
        #expect(rules.span(at: change) == ZoneRules.Span(start: change, end: nil, offset: 7200))
        let old = try #require(ZoneRules(file: file(change, from: 0, to: -3600, tail: "", version: 0)))
        #expect(old.span(at: change).offset == -3600)
        let summer = try #require(ZoneRules(file: file(change, from: 0, to: 3600, tail: "CET-1CEST,M3.5.0,M10.5.0/3")))
        #expect(summer.span(at: try second("2026-07-01T00:00:00Z")).offset == 7200)
        #expect(summer.span(at: change).start == change)
    }

    @Test("a file that is cut off or broken anywhere is refused or harmless")
    func brokenFiles() throws {
        let whole = file(1_577_836_800, from: 0, to: 7200, tail: "XYZ-2")
        for length in 0..<(whole.count - 7) { #expect(ZoneRules(file: Array(whole[..<length])) == nil, "\(length)") }
        for place in whole.indices {
            for byte: UInt8 in [0, 1, 0x7F, 0xFF] {
                var bytes = whole
                bytes[place] = byte
                _ = ZoneRules(file: bytes)?.span(at: 1_700_000_000)
            }
        }
        #expect(ZoneRules(file: [UInt8](repeating: 0, count: 1 << 18 + 1)) == nil)
    }

    @Test(
        "the machine's own files are read",
        arguments: [("Europe/Berlin", 7200), ("America/New_York", -14400), ("Asia/Kathmandu", 20700)]
    )
    func ownFiles(name: String, summer: Int64) throws {
        let data = try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)"))
        let rules = try #require(ZoneRules(file: Array(data)))
        #expect(rules.span(at: try second("2026-07-01T00:00:00Z")).offset == summer)
        #expect(rules.span(at: try second("2126-07-01T00:00:00Z")).offset == summer)
    }

    @Test("a local time that is left out is the jump over it; of one shown twice the first counts")
    func localTimes() throws {
        let rules = try #require(ZoneRules(posix: "CET-1CEST,M3.5.0,M10.5.0/3"))
        func moment(_ local: String) throws -> Int64 { rules.moment(ofLocal: try second(local + "Z")) }
        #expect(try moment("2026-03-29T01:59:59") == second("2026-03-29T00:59:59Z"))
        #expect(try moment("2026-03-29T02:00:00") == second("2026-03-29T01:00:00Z"))
        #expect(try moment("2026-03-29T02:59:59") == second("2026-03-29T01:00:00Z"))
        #expect(try moment("2026-03-29T03:00:00") == second("2026-03-29T01:00:00Z"))
        #expect(try moment("2026-10-25T02:30:00") == second("2026-10-25T00:30:00Z"))
        #expect(try moment("2026-10-25T03:00:00") == second("2026-10-25T02:00:00Z"))
        #expect(ZoneRules.utc.moment(ofLocal: 5) == 5)
    }

    @Test("what no calendar has is no trouble", arguments: [Int64.min, .min + 1, -1 << 50, 1 << 50, .max - 1, .max])
    func farAway(moment: Int64) throws {
        for text in ["CET-1CEST,M3.5.0,M10.5.0/3", "XYZ24", "XYZ-24"] {
            let rules = try #require(ZoneRules(posix: text))
            #expect(abs(rules.span(at: moment).offset) <= 24 * 3600)
            #expect((rules.moment(ofLocal: moment) < 0) == (moment < 0))
        }
        for change in [Int64.min, .max] {
            let rules = try #require(ZoneRules(file: file(change, from: 0, to: 7200, tail: "XYZ-2")))
            _ = (rules.span(at: moment), rules.moment(ofLocal: moment))
        }
    }
}
