import Alerting
import Basics
import Journal
import TestSupport
import Testing

@testable import Daemon

/// What the started event says (S10).
@Suite struct StartReportTests {
    private let time = ManualTime()

    private func opening(
        _ found: JournalOpening.Found = .new,
        _ status: JournalStatus = .durable
    ) throws -> JournalOpening {
        JournalOpening(
            found: found,
            rebooted: nil,
            status: status,
            journal: try #require(ULID("01JD6Q3Z8W0R5K7M2N4P6T8V9X"))
        )
    }

    private func report(
        _ opening: JournalOpening,
        checks: [CheckReport] = [],
        origin: NodeName.Origin = .configured
    ) -> StartReport {
        StartReport(
            report: Report(time: time.now, node: "edge-7", checks: checks),
            opening: opening,
            streams: ["01JD6Q3Z8W0R5K7M2N4P6T8V9X/stdout"],
            origin: origin
        )
    }

    @Test("S10 it says how the last run ended: clean, unclean with the gap, or with the memory lost")
    func previousEnd() throws {
        let from = time.now - .seconds(600)
        let clean = report(try opening(.clean(at: from)))
        #expect(clean.annotations["previous_end"] == "clean at \(from)")
        #expect(clean.annotations["state"] == "kept")
        #expect(clean.gap == nil)
        let unclean = report(try opening(.unclean(from: from, to: time.now)))
        #expect(unclean.annotations["previous_end"] == "unclean: blind from \(from) to \(time.now)")
        let gap = try #require(unclean.gap)
        #expect(gap.from == from)
        #expect(gap.to == time.now)
        let corrupt = report(try opening(.corrupt(renamedTo: "journal.db.1", because: "malformed")))
        #expect(corrupt.previousEnd.contains("journal.db.1"))
        #expect(corrupt.previousEnd.contains("state lost"))
        #expect(report(try opening()).previousEnd == "first start")
    }

    @Test("S18 with a journal in memory it says that the state is lost")
    func memory() throws {
        let report = report(try opening(.lost, .memory))
        #expect(report.annotations["state"] == "lost")
        #expect(report.annotations["previous_end"] == "state lost")
    }

    @Test("S17 it names the journal's trouble and what to do about it")
    func journalTrouble() throws {
        let trouble = JournalTrouble(
            kind: .readOnly,
            because: "read-only file system",
            since: time.now,
            willReturn: true
        )
        let annotation = report(try opening(.new, .degraded(trouble))).annotations["journal"]
        #expect(annotation == "read-only file system: \(trouble.hint)")
    }

    @Test("rows of the journal that cannot be read are counted, all together and by table; none is nothing to say")
    func lostRows() throws {
        var report = report(try opening())
        #expect(report.lostRows == nil)
        report.unreadable = ["silence": 2, "alert": 1]
        let lost = try #require(report.lostRows)
        #expect(lost.summary == "3 rows of the journal are unreadable and left out")
        #expect(lost.tables == "alert: 1, silence: 2")
        report.unreadable = ["alert": 1]
        #expect(report.lostRows?.summary == "1 row of the journal is unreadable and left out")
    }

    @Test("S10 it says what is watched, what is not and why, the version and the streams")
    func watched() async throws {
        let bench = await TellingBench(time)
        let blind = CheckID("docker")
        let absent = CheckID("neigh")
        await bench.configure(
            plans: [
                TellingBench.plan(), CheckPlan(check: blind, rules: []), CheckPlan(check: absent, rules: []),
                CheckPlan(check: CheckID("uptime"), rules: []),
            ]
        )
        await bench.sweep(["/": 0.5])
        let errors: [(CheckID, CheckError)] = [
            (blind, .degraded(because: "no permission", remedy: "group_add: 998")),
            (absent, .notApplicable(because: "no such file", remedy: nil)),
        ]
        for (check, error) in errors {
            await bench.keeper.absorb(
                Sweep(check: check, at: time.now, uptime: time.uptime, outcome: .failure(error))
            )
        }
        let report = report(try opening(), checks: await bench.keeper.report().checks)
        #expect(report.summary == "custos \(Version.current) watches edge-7: 1 checks, 3 not: docker, neigh, uptime")
        let annotations = report.annotations
        #expect(annotations["watched"] == "disk")
        let unwatched = "docker: no permission; group_add: 998; neigh: no such file; uptime: no answer yet"
        #expect(annotations["not_watched"] == unwatched)
        #expect(annotations["version"] == Version.current)
        #expect(annotations["streams"] == "01JD6Q3Z8W0R5K7M2N4P6T8V9X/stdout")
        #expect(annotations["node"] == nil)
    }

    @Test("S4 it says when no name was found")
    func unknownNode() throws {
        #expect(report(try opening(), origin: .unknown).annotations["node"]?.contains("CUSTOS_NODE") == true)
    }
}
