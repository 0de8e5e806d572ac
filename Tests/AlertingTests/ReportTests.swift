import Basics
import Testing

@testable import Alerting

struct ReportTests {
    @Test("S8 the report holds value and state apart, and every observation is complete in itself")
    func json() throws {
        var book = Sample.book()
        let blind = Observation(Sample.used, of: Target("/mnt"), .unknown(because: "hangs"))
        var sweep = Sample.sweep(0, [Sample.used(0.91), blind])
        sweep.took = .microseconds(1900)
        _ = book.absorb(sweep)
        let report = Report(time: Sample.start, node: "n", checks: book.report()) {
            ["df -h \($0.observation.target.name)"]
        }
        #expect(
            report.json.text == """
                {"schema":"custos.report/1","time":"2023-11-14T22:13:20.000Z","node":"n",\
                "overall":{"status":"warning","alerts":1,"degraded":0,\
                "triage":{"class":"medium","score":5,"factors":["disk_used_ratio of /: threshold exceeded"]}},\
                "checks":[{"check":"disk","check_kind":"disk","status":"warning","duration_ms":1.9,"reason":null,\
                "remedy":null,"observations":[\
                {"check":"disk","check_kind":"disk","target":"/","measure":"disk_used_ratio","unit":"ratio",\
                "value":0.91,"state":null,"scope":"host","judgement":"warning","pending":false,"streak":1,"threshold":"> 0.9",\
                "because":"91 % is above 90 %"},\
                {"check":"disk","check_kind":"disk","target":"/mnt","measure":"disk_used_ratio","unit":"ratio",\
                "value":null,"state":null,"scope":"host","judgement":"unknown","pending":false,"streak":0,"threshold":"> 0.9",\
                "because":"hangs"}],\
                "triage":{"class":"medium","score":5,"factors":["disk_used_ratio of /: threshold exceeded"]},\
                "suggested_commands":["df -h /"]}],"suggested_commands":["df -h /"]}
                """
        )
    }

    @Test("a breach that still waits shows its severity, marked as pending")
    func pending() {
        var book = Sample.book(rules: [Rule(Sample.used, .above(warning: 0.9, critical: nil), holdFor: .seconds(60))])
        _ = book.absorb(Sample.sweep(0, [Sample.used(0.95)]))
        #expect(book.report().first?.readings.map(\.isPending) == [true])
        #expect(book.report().first?.status == .warning)
    }

    @Test("what nobody can see from here is said, and makes nothing unknown")
    func outOfSight() {
        var book = Sample.book(rules: [Rule(Sample.used, .above(warning: 0.9, critical: nil))])
        let hidden = Observation.outOfSight(Sample.used, of: Target("/"), because: "a namespace of its own")
        _ = book.absorb(Sample.sweep(0, [hidden]))
        let report = book.report().first
        #expect(report?.status == .notApplicable)
        #expect(report?.readings.map(\.judgement.because) == ["a namespace of its own"])
        _ = book.absorb(Sample.sweep(30, [hidden, Observation(Sample.used, of: Target("/srv"), .number(0.5))]))
        #expect(book.report().first?.status == .ok)
        _ = book.absorb(Sample.sweep(60, [Observation(Sample.used, of: Target("/"), .unknown(because: "unreadable"))]))
        #expect(book.report().first?.status == .unknown)
    }

    @Test("the worst counts; not applicable does not; not looked yet is unknown")
    func overall() {
        func report(_ outcomes: [CheckReport.Outcome]) -> CheckStatus {
            let checks = outcomes.map { outcome in
                var check = CheckReport(check: Sample.check)
                check.outcome = outcome
                return check
            }
            return Report(time: Sample.start, node: "n", checks: checks).status
        }
        #expect(report([.ok, .notApplicable(because: "", remedy: nil)]) == .ok)
        #expect(report([.notApplicable(because: "", remedy: nil)]) == .ok)
        #expect(report([.ok, .notYet]) == .unknown)
        #expect(report([.notYet, .degraded(because: "", remedy: nil)]) == .degraded)
        #expect([CheckStatus.critical, .ok, .degraded, .warning].max() == .critical)
    }
}
