import Alerting
import Basics
import DockerEngine
import Testing

@testable import Checks

@Suite struct ContainerRecordsTests {
    private func record(_ id: String, named name: String, since started: Int64) -> ContainerRecord {
        var record = ContainerRecord(ContainerIdentity(id: id, name: name, image: "app:1"), phase: .running)
        record.run = ContainerRun(startedAt: Timestamp(milliseconds: started))
        return record
    }

    @Test("a target is claimed by all containers of its name, until the last one has another or is gone")
    func claims() {
        var records = ContainerRecords()
        records["a"] = record("a", named: "web", since: 1)
        records["b"] = record("b", named: "web", since: 2)
        let (web, other) = (records["a"]?.target ?? .engine, Target("other"))
        #expect(records.isClaimed(web, besides: "a") && records.isClaimed(web, besides: "b"))
        records["b"]?.rename("other")
        #expect(records["b"]?.target == other)
        #expect(!records.isClaimed(web, besides: "a") && records.isClaimed(web) && records.isClaimed(other))
        records["a"] = nil
        records["b"]?.rename("web")
        #expect(records.isClaimed(web, besides: "a") && !records.isClaimed(web, besides: "b"))
        #expect(!records.isClaimed(other) && records.count == 1)
        records["b"] = nil
        #expect(!records.isClaimed(web) && records.speakers.isEmpty)
    }

    @Test("of two containers with one name the one that runs speaks, then the younger, sorted by target")
    func speakers() {
        var records = ContainerRecords()
        records["a"] = record("a", named: "web", since: 2)
        records["b"] = record("b", named: "web", since: 1)
        records["c"] = record("c", named: "app", since: 1)
        func speaking() -> [String] { records.speakers.map { records.values[$0.place].identity.id } }
        #expect(speaking() == ["c", "a"])
        #expect(records.isSpeaker(record("a", named: "web", since: 2)))
        #expect(!records.isSpeaker(record("b", named: "web", since: 1)))
        #expect(records.isSpeaker(record("d", named: "web", since: 3)), "not known yet, and younger")
        records.sortSpeakers()
        records["a"]?.phase = .exited
        #expect(speaking() == ["c", "b"], "what was sorted before is not kept")
    }
}
