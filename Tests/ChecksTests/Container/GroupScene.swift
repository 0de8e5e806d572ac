import Alerting
import Basics
import Procfs
import TestSupport

@testable import Checks

/// A host with one container whose control group (second version) and network a test writes, and looks at them.
struct GroupScene {
    static let id = String(repeating: "0f3a", count: 16)
    static let pid: Int32 = 4242
    static let target = Target("shop/web/1")

    let fixture: HostFixture
    let host: Host
    var readings = ContainerReadings()
    var levels = ContainerLevels()
    var every = Duration.zero
    var run = ContainerBoard.Running(
        id: id,
        target: target,
        pid: pid,
        startedAt: BoardScene.at(-600),
        name: "web",
        labels: ["container": "web"],
        ownsNetwork: false
    )

    init(_ lines: String = "0::/system.slice/docker-\(id).scope\n") throws {
        fixture = try HostFixture()
        try fixture.write("sys/fs/cgroup/cgroup.controllers", "cpu io memory pids\n")
        try fixture.write("proc/\(Self.pid)/cgroup", lines)
        host = fixture.host
    }

    /// Writes files of the group, each with a line break behind it.
    func write(_ files: [String: String], id: String = id) throws {
        for (name, text) in files {
            try fixture.write("sys/fs/cgroup/system.slice/docker-\(id).scope/\(name)", text + "\n")
        }
    }

    /// In MiB.
    func memory(_ used: Int, inactive: Int = 0, of limit: Int?) throws {
        try write([
            "memory.current": "\((used + inactive) << 20)", "memory.max": limit.map { "\($0 << 20)" } ?? "max",
            "memory.stat": "anon 1\ninactive_file \(inactive << 20)",
        ])
    }

    /// Processor time in milliseconds, periods, and those in which the quota was used up.
    func cpu(_ usage: Int, periods: Int = 0, throttled: Int = 0, max: String = "50000 100000") throws {
        try write([
            "cpu.max": max,
            "cpu.stat":
                "usage_usec \(usage * 1000)\nnr_periods \(periods)\nnr_throttled \(throttled)\nthrottled_usec 0",
        ])
    }

    func tasks(_ count: Int, of limit: String) throws { try write(["pids.current": "\(count)", "pids.max": limit]) }

    func kills(_ count: Int) throws { try write(["memory.events": "low 0\noom_kill \(count)"]) }

    /// Counters and tables of a network; `table` is how many lines there are in CLOSE_WAIT.
    func network(
        of pid: Int32 = pid,
        inUse: Int,
        timeWait: Int = 0,
        overflows: Int = 0,
        closeWait: Int = 0,
        used: Int? = nil
    ) throws {
        let folder = "proc/\(pid)/net"
        try fixture.write("\(folder)/netstat", "TcpExt: ListenOverflows\nTcpExt: \(overflows)\n")
        let tcp = "TCP: inuse \(inUse) orphan 0 tw \(timeWait) alloc 9 mem 0"
        try fixture.write("\(folder)/sockstat", "sockets: used \(used ?? inUse)\n\(tcp)\n")
        try fixture.write("\(folder)/sockstat6", "TCP6: inuse 0\n")
        let names = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        let lines = (0..<inUse).map { number in
            "  \(number): 0100007F:1F90 0100007F:C350 \(number < closeWait ? "08" : "01") 00000000:00000000 "
                + "00:00000000 00000000     0        0 \(9000 + number) 1\n"
        }
        try fixture.write("\(folder)/tcp", names + lines.joined())
        try fixture.write("\(folder)/tcp6", names)
    }

    @discardableResult
    mutating func look(at seconds: Double, _ runs: [ContainerBoard.Running]? = nil) -> ContainerReadings.Look {
        readings.look(
            at: runs ?? [run],
            host,
            levels: levels,
            every: every,
            at: BoardScene.at(seconds),
            uptime: .milliseconds(Int64(seconds * 1000))
        )
    }

    /// What one look says of one measure.
    mutating func number(_ measure: Measure, at seconds: Double) -> Double? {
        look(at: seconds).number(measure)
    }
}

extension ContainerReadings.Look {
    func all(_ measure: Measure) -> [Observation] { observations.filter { $0.measure == measure } }

    func number(_ measure: Measure) -> Double? {
        guard case .number(let number)? = all(measure).first?.value else { return nil }
        return number
    }
}
