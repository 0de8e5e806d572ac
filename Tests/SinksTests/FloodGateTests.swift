import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("Flood gate")
struct FloodGateTests {
    @Test("S9 sixty events a minute pass, then one digest a minute lists the rest")
    func storm() {
        var gate = FloodGate(limit: 60)
        #expect(gate.admit(100, at: .seconds(5)) == .events(60))
        gate.sent(60, at: .seconds(5))
        #expect(gate.admit(40, at: .seconds(6)) == .wait(.seconds(59)))
        #expect(gate.admit(300, at: .seconds(64)) == .wait(.seconds(1)))
        #expect(gate.admit(300, at: .seconds(65)) == .digest(300))
        gate.sent(1, at: .seconds(65))
        #expect(gate.admit(1, at: .seconds(66)) == .events(1))
        gate.sent(1, at: .seconds(66))
        #expect(gate.admit(100, at: .seconds(66)) == .events(58))
    }

    @Test("S9 what arrives slowly passes as it is")
    func calm() {
        var gate = FloodGate(limit: 60)
        for second in 0..<600 {
            #expect(gate.admit(1, at: .seconds(second * 2)) == .events(1))
            gate.sent(1, at: .seconds(second * 2))
        }
    }

    @Test("S9 what is sent without asking, within the room there is, counts like the rest")
    func room() {
        var gate = FloodGate(limit: 3)
        #expect(gate.room(at: .zero) == 3)
        gate.sent(2, at: .zero)
        #expect(gate.room(at: .seconds(1)) == 1)
        gate.sent(1, at: .seconds(1))
        #expect(gate.room(at: .seconds(59)) == 0)
        #expect(gate.admit(5, at: .seconds(59)) == .wait(.seconds(1)))
        // The digest comes before anything else.
        #expect(gate.room(at: .seconds(60)) == 0)
        #expect(gate.admit(5, at: .seconds(60)) == .digest(5))
        gate.sent(1, at: .seconds(60))
        #expect(gate.room(at: .seconds(60)) == 2)
        #expect(gate.room(at: .seconds(120)) == 3)
        #expect(FloodGate(limit: nil).room(at: .zero) == .max)
    }

    @Test("a single event that waited is sent as it is, not as a digest of one")
    func single() {
        var gate = FloodGate(limit: 1)
        #expect(gate.admit(2, at: .zero) == .events(1))
        gate.sent(1, at: .zero)
        #expect(gate.admit(1, at: .seconds(1)) == .wait(.seconds(59)))
        #expect(gate.admit(1, at: .seconds(60)) == .events(1))
    }

    @Test("without a limit everything passes")
    func unlimited() {
        var gate = FloodGate(limit: nil)
        #expect(gate.admit(100_000, at: .zero) == .events(100_000))
    }

    @Test("S9 a digest drops nothing: every event, first firings and resolves, has its line")
    func digest() throws {
        let events = try (0..<FloodGate.digestLimit).map { index in
            let event = index.isMultiple(of: 2) ? try Samples.alert() : try Samples.resolved()
            return Samples.queued(event, Int64(index + 1))
        }
        let digest = Event.digest(of: events, id: try Samples.id("D9"), at: Samples.time, node: "edge-7")
        #expect(digest.summary == "500 more events within a minute: 250 firing, 250 resolved")
        #expect(digest.severity == .critical)
        #expect(digest.annotations["sequences"] == "1-500")
        let apart = [events[2], events[3], events[7]]
        let other = Event.digest(of: apart, id: try Samples.id("D9"), at: Samples.time, node: "edge-7")
        #expect(other.annotations["sequences"] == "3-4,8")
        let lines = try #require(digest.annotations["events"]).split(separator: "\n")
        #expect(lines.count == 500)
        let first = """
            01JD6Q3Z8W00000000000000A1 firing critical severity_changed 5d1c9c1f0a3e7b42 \
            Container grafana is unhealthy: 3 failed probes in a row
            """
        #expect(lines.first.map(String.init) == first)
    }

    @Test("S2 a digest also names what the tombstones and digests that it replaces named")
    func digestOfDigests() throws {
        let plain = Samples.queued(try Samples.alert(), 9)
        let earlier = Event.digest(
            of: [Samples.queued(try Samples.alert(), 3), Samples.queued(try Samples.resolved(), 5)],
            id: try Samples.id("D8"),
            at: Samples.time,
            node: "edge-7"
        )
        var tombstone = Event(
            id: try Samples.id("D7"),
            time: Samples.time,
            kind: .lifecycle,
            reason: .tombstone,
            node: "edge-7",
            summary: "2 events of this stream will not be told"
        )
        tombstone.annotations["sequences"] = "1-2"
        let events = [Samples.queued(earlier, 6), Samples.queued(tombstone, 7), plain]
        let digest = Event.digest(of: events, id: try Samples.id("D9"), at: Samples.time, node: "edge-7")
        #expect(digest.annotations["sequences"] == "1-3,5-7,9")
    }
}
