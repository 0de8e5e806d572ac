import Basics
import Testing

@testable import Alerting

struct NotifyNeedTests {
    private func alert(_ severity: Severity?) -> Alert {
        var alert = Alert(id: Sample.id())
        if let severity { alert.state = .firing(severity, since: Sample.start) }
        return alert
    }

    private func record(_ severity: Severity?) -> NotificationRecord {
        NotificationRecord(alert: Sample.id(), sink: "s", severity: severity, at: Sample.start)
    }

    private func need(
        _ severity: Severity?,
        told: Severity?,
        _ transition: Transition? = nil,
        wasMuted: Bool = false
    ) -> NotifyNeed {
        notifyNeed(
            for: alert(severity),
            last: told.map { record($0) },
            transition: transition,
            wasMuted: wasMuted,
            at: Sample.minute(1)
        )
    }

    @Test("S16 the reason says why a sink is told")
    func reasons() {
        #expect(need(.warning, told: nil, .fired) == .tell(.fired))
        #expect(
            need(.critical, told: .warning, .severityChanged(from: .warning, to: .critical)) == .tell(.severityChanged)
        )
        #expect(need(.critical, told: .critical, .occurred(2)) == .tell(.occurred))
        #expect(need(nil, told: .critical, .resolved) == .tell(.resolved))
        #expect(need(nil, told: .critical, .gone) == .tell(.gone))
        #expect(need(.warning, told: nil, wasMuted: true) == .tell(.silenceEnded))
        #expect(need(.critical, told: .warning, wasMuted: true) == .tell(.silenceEnded))
    }

    @Test("S1 what was enqueued decides: nothing is told twice, no end of what was never told")
    func records() {
        #expect(need(.warning, told: .warning) == .nothing)
        #expect(need(.warning, told: .warning, .fired) == .nothing)
        #expect(need(nil, told: nil, .resolved) == .nothing)
        #expect(need(nil, told: nil, .gone) == .nothing)
        #expect(need(nil, told: .warning) == .tell(.resolved))
    }

    @Test("S16 a firing alert is told again after repeat_every, and only then")
    func reminder() {
        func need(at minute: Double) -> NotifyNeed {
            notifyNeed(
                for: alert(.warning),
                last: record(.warning),
                repeatEvery: .seconds(300),
                at: Sample.minute(minute)
            )
        }
        #expect(need(at: 4.9) == .nothing)
        #expect(need(at: 5) == .tell(.reminder))
    }

    @Test("a mute keeps a firing back, never an end")
    func mute() {
        let mute = Mute.silence(id: "x")
        let fired = notifyNeed(for: alert(.warning), last: nil, transition: .fired, mute: mute, at: Sample.start)
        #expect(fired == .muted(.fired, by: mute))
        let over = notifyNeed(
            for: alert(nil),
            last: record(.warning),
            transition: .resolved,
            mute: mute,
            at: Sample.start
        )
        #expect(over == .tell(.resolved))
    }
}
