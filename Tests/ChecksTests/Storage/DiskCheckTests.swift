import Alerting
import Basics
import DockerEngine
import Glibc
import Settings
import SystemPackage
import TestSupport
import Testing

@testable import Checks
@testable import Procfs

@Suite struct DiskCheckTests {
    private static let half = FileSystemAnswer.use(
        FileSystemUse(size: 1 << 30, free: 1 << 29, available: 1 << 29, files: 1000, freeFiles: 900)
    )

    /// Looks at the fixture; filesystems answer by their names, `half` where nothing is said.
    private func observe(
        _ fixture: HostFixture,
        _ answers: [String: FileSystemAnswer] = [:],
        beside others: [DiskSettings] = [],
        change: (inout DiskSettings) -> Void = { _ in }
    ) async throws -> [String: [Measure: Observation]] {
        var settings = DiskSettings()
        change(&settings)
        let probe = FileSystemProbe { system, _ in answers[system.name] ?? Self.half }
        let check = DiskCheck(InstanceShare(settings, others: others), probe: probe)
        var seen: [String: [Measure: Observation]] = [:]
        for observation in try await check.observe(World(host: fixture.host, time: SystemTime())) {
            seen[observation.target.name, default: [:]][observation.measure] = observation
        }
        return seen
    }

    private func state(_ name: String) -> Observation.Value { .state(name) }

    @Test("S30 one target per filesystem: images, pseudo and overlay filesystems are left out")
    func filesystemsAreTargets() async throws {
        let seen = try await observe(HostFixture())
        #expect(seen.keys.sorted() == ["/", "/mnt/my disk", "/mnt/share", "/srv/archive", "/srv/broken"])
        #expect(seen["/"]?[DiskCheck.used]?.value == .number(0.5))
        #expect(seen["/"]?[DiskCheck.used]?.summary == "/ is 50 % full: 512 MiB of 1 GiB are left")
        #expect(seen["/"]?[DiskCheck.used]?.annotations["also_at"] == "/var/www")
        #expect(seen["/"]?[DiskCheck.used]?.annotations["device"] == "/dev/vda")
        #expect(seen["/"]?[DiskCheck.available]?.value == .number(Double(1 << 29)))
        #expect(seen["/"]?[DiskCheck.inodes]?.value == .number(0.1))
        #expect(seen["/"]?[DiskCheck.answers]?.value == state("answering"))
        #expect(seen.values.joined().allSatisfy { $0.value.scope == .host })
    }

    @Test func whatIsWatchedCanBeChosen() async throws {
        let fixture = try HostFixture()
        let some = try await observe(fixture) { settings in
            settings.include = ["/srv/*", "/mnt/*"].compactMap { Glob($0) }
            settings.exclude = ["/srv/b*"].compactMap { Glob($0) }
        }
        #expect(some.keys.sorted() == ["/mnt/my disk", "/mnt/share", "/srv/archive"])
        let bind = try await observe(fixture) { $0.exclude = ["/"].compactMap { Glob($0) } }
        #expect(bind["/var/www"] != nil)
        let types = try await observe(fixture) {
            $0.excludeTypes = ["ext4", "*fs*", "devpts", "cgroup2"].compactMap { Glob($0) }
        }
        #expect(types.keys.sorted() == ["/proc", "/var/lib/docker/overlay2/abc/merged"])
    }

    @Test("what another instance includes is left to it, by whatever mount, unless it is included here too")
    func otherInstances() async throws {
        let fixture = try HostFixture()
        var root = DiskSettings()
        root.include = ["/"].compactMap { Glob($0) }
        let rest = try await observe(fixture, beside: [root])
        #expect(rest.keys.sorted() == ["/mnt/my disk", "/mnt/share", "/srv/archive", "/srv/broken"])
        let both = try await observe(fixture, beside: [root]) { $0.include = ["/", "/srv/*"].compactMap { Glob($0) } }
        #expect(both.keys.sorted() == ["/", "/srv/archive", "/srv/broken"])
        // What it excludes again is not its own.
        root.excludeTypes = ["ext4"].compactMap { Glob($0) }
        #expect(try await observe(fixture, beside: [root])["/"] != nil)
        #expect(DiskCheck.missingChoice(root) == nil && DiskCheck.missingChoice(DiskSettings()) == "include")
    }

    // MARK: - The engine's data

    /// An engine with its data in this folder, and with these containers running.
    private func engine(_ name: String? = nil, in folder: String, _ running: [String]) -> ContainerKeeper {
        var board = ContainerBoard()
        let details = running.map { BoardScene.running($0, id: String(repeating: $0, count: 64), labels: [:]) }
        _ = board.apply(
            list: details.map { BoardScene.row($0) },
            details: Dictionary(uniqueKeysWithValues: details.map { ($0.identity.id, $0) }),
            mark: 0,
            at: BoardScene.at(0)
        )
        board.dataFolder = folder
        return ContainerKeeper(board, check: CheckID(DockerCheck.kind, instance: name), time: ManualTime())
    }

    /// What is told of the filesystems under the data of these engines.
    private func rooms(
        _ engines: any ContainerWatch,
        _ answers: [String: FileSystemAnswer]
    ) async throws -> [Observation] {
        let probe = FileSystemProbe { system, _ in answers[system.name] ?? Self.half }
        let check = DiskCheck(InstanceShare(DiskSettings()), probe: probe)
        let world = World(host: try HostFixture().host, time: SystemTime(), containers: engines)
        return try await check.observe(world).filter { $0.measure == DiskCheck.engineData }
    }

    /// What is told of the filesystem under this folder, with two containers running.
    private func room(_ folder: String, _ answers: [String: FileSystemAnswer]) async throws -> [Observation] {
        try await rooms(engine(in: folder, ["a", "b"]), answers)
    }

    private func left(_ available: UInt64, of size: UInt64, inodes: UInt64 = 1_000_000) -> FileSystemAnswer {
        .use(FileSystemUse(size: size, free: available, available: available, files: 10_000_000, freeFiles: inodes))
    }

    @Test("the filesystem that holds the engine's data tells whether there is room, and only that one")
    func engineData() async throws {
        let seen = try await room("/mnt/my disk/docker", [:])
        #expect(seen.map(\.target.name) == ["/mnt/my disk"])
        #expect(seen.first?.value == .state("room"))
        #expect(seen.first?.annotations == ["engine_data": "/mnt/my disk/docker"])
        #expect(try await room("/mnt/my diskette", [:]).map(\.target.name) == ["/"])
        #expect(try await room("/mnt/my disk", [:]).map(\.target.name) == ["/mnt/my disk"])
    }

    @Test("what holds no engine's data, or is not watched, tells nothing of it")
    func noEngineData() async throws {
        #expect(try await observe(HostFixture())["/"]?[DiskCheck.engineData] == nil)
        #expect(try await room("/proc/docker", [:]).isEmpty)
    }

    @Test("engines that keep their data on one filesystem are told apart, each with its own containers")
    func severalEngines() async throws {
        let engines = [engine("far", in: "/var/lib/containers", ["c"]), engine(in: "/var/lib/docker", ["a", "b"])]
        let all = try #require(ContainerWatches(engines))
        let told = try await rooms(all, ["/": left(100 << 20, of: 20 << 30)])
        #expect(told.map(\.target.name) == ["/", "/ (docker.far)"])
        #expect(told.map(\.labels) == ["docker", "docker.far"].map { ["engine_check": $0, "filesystem": "/"] })
        #expect(told.map { $0.annotations["containers"] } == ["a, b", "c"])
        #expect(told.last?.summary?.hasPrefix("/, where the engine `far` keeps its data, is full: ") == true)
        #expect(ContainerWatches([]) == nil)
    }

    @Test("S23 neither the data nor the kills of an engine elsewhere are this machine's")
    func engineElsewhere() async throws {
        let far = engine("far", in: "/var/lib/docker", ["a"])
        let oom = ContainerEvent(
            BoardScene.identity("a", id: String(repeating: "a", count: 64)),
            .oom,
            at: BoardScene.at(1)
        )
        _ = await far.apply(oom)
        #expect(await far.outOfMemory(since: BoardScene.at(-3600)) == 1)
        #expect(try await rooms(far, [:]).count == 1)
        await far.follow(.docker, onSocket: false)
        #expect(await far.outOfMemory(since: BoardScene.at(-3600)) == 0)
        #expect(try await rooms(far, [:]).isEmpty)
    }

    @Test("a full filesystem under the engine's data is told with the containers that cannot write")
    func engineDataFull() async throws {
        let told = try #require(try await room("/var/lib/docker", ["/": left(100 << 20, of: 20 << 30)]).first)
        #expect(told.value == .state("full"))
        #expect(
            told.summary == "/, where the Docker engine keeps its data, is full: "
                + "100 MiB of 20 GiB and 1000000 of 10000000 inodes are left; 2 containers cannot write"
        )
        #expect(told.annotations["containers"] == "a, b")
        #expect(told.labels == ["engine_check": "docker", "filesystem": "/"])
        #expect(DiskCheck(DiskSettings()).rules.contains { $0.measure == DiskCheck.engineData })
    }

    @Test("full is less than a hundredth, on large disks less than 256 MiB, or the same of the inodes and a thousand")
    func fullness() async throws {
        func state(_ answer: FileSystemAnswer) async throws -> Observation.Value? {
            try await room("/var/lib/docker", ["/": answer]).first?.value
        }
        #expect(try await state(left(300 << 20, of: 10 << 40)) == .state("room"))
        #expect(try await state(left(200 << 20, of: 10 << 40)) == .state("full"))
        #expect(try await state(left(200 << 20, of: 1 << 30)) == .state("room"))
        #expect(try await state(left(0, of: 1 << 20)) == .state("full"))
        #expect(try await state(left(1 << 40, of: 10 << 40, inodes: 999)) == .state("full"))
        #expect(try await state(left(1 << 40, of: 10 << 40, inodes: 1000)) == .state("room"))
        guard case .unknown? = try await state(.hung(.seconds(4))) else {
            Issue.record("a filesystem that hangs does not say whether it is full")
            return
        }
    }

    @Test("a filesystem that is read-only has no room for an engine")
    func engineDataReadOnly() async throws {
        let told = try await room("/srv/broken/docker", ["/srv/broken": .failed(.ioError)])
        #expect(told.first?.value == .state("read_only"))
        #expect(told.first?.annotations["containers_count"] == "2")
    }

    @Test("sizes and counts are measures")
    func sizes() async throws {
        let root = try #require(try await observe(HostFixture())["/"])
        #expect(root[DiskCheck.size]?.value == .number(Double(1 << 30)))
        #expect(root[DiskCheck.taken]?.value == .number(Double(1 << 29)))
        #expect(root[DiskCheck.files]?.value == .number(1000))
        #expect(root[DiskCheck.usedFiles]?.value == .number(100))
    }

    @Test("the write test has a severity, or none, and a file's name")
    func writeTestSettings() throws {
        func shape(_ change: (inout DiskSettings) -> Void) -> Rule.Shape? {
            var settings = DiskSettings()
            change(&settings)
            return DiskCheck(settings).rules.first { $0.measure == DiskCheck.writing }?.shape
        }
        #expect(shape { _ in } == .state(bad: ["hung": .critical, "failed": .critical]))
        #expect(shape { $0.writeTestSeverity = .warning } == .state(bad: ["hung": .warning, "failed": .warning]))
        #expect(shape { $0.writeTestSeverity = nil } == nil)
        #expect(try FileName(setting: ".probe").description == ".probe")
        for text in ["", ".", "..", "a/b", "a b", "a\u{1B}", String(repeating: "x", count: 129)] {
            #expect(throws: Mismatch.self) { try FileName(setting: text) }
        }
        let theirs = DiskCheck.writing(into: "/data", .taken, isWritable: true).value
        #expect(theirs == .unknown(because: "a file has the name of the test's and is not its own"))
    }

    @Test func nothingToWatchIsNotApplicable() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/1/mountinfo", "1 0 0:1 / / rw - overlay o rw\n")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .notApplicable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func whatBecameReadOnlyIsCriticalAndWhatWasSoIsNot() async throws {
        let fixture = try HostFixture()
        let rules = DiskCheck(DiskSettings()).rules.filter { $0.measure == DiskCheck.writable }
        var memories: [String: Rule.Memory] = [:]
        func worst(of target: String) async throws -> Severity? {
            let value = try #require(try await observe(fixture)[target]?[DiskCheck.writable]?.value)
            return rules.compactMap { rule in
                rule.judge(
                    value,
                    at: Timestamp(milliseconds: 0),
                    uptime: .zero,
                    bootID: "b",
                    memory: &memories[target + rule.name, default: Rule.Memory(shape: rule.shape.word)]
                ).severity
            }.max()
        }
        for target in ["/", "/srv/archive"] { #expect(try await worst(of: target) == nil) }
        #expect(try await worst(of: "/srv/broken") == .critical)
        try fixture.write("proc/1/mountinfo", "27 1 254:0 / / ro - ext4 /dev/vda ro\n")
        #expect(try await worst(of: "/") == .critical)
        try fixture.write("proc/1/mountinfo", "27 1 254:0 / / rw - ext4 /dev/vda rw\n")
        #expect(try await worst(of: "/") == nil)
        var settings = DiskSettings()
        settings.readOnly = nil
        #expect(DiskCheck(settings).rules.allSatisfy { $0.measure != DiskCheck.writable })
    }

    @Test func whatCannotBeWrittenDoesNotFill() async throws {
        let seen = try await observe(HostFixture())
        #expect(seen["/srv/archive"]?[DiskCheck.used] == nil)
        #expect(seen["/srv/archive"]?[DiskCheck.writable]?.value == state("read_only"))
        #expect(seen["/srv/broken"]?[DiskCheck.used] != nil)
        #expect(seen["/srv/broken"]?[DiskCheck.writable]?.value == state("error_read_only"))
    }

    @Test func oneThatHangsIsToldSoAndKeepsItsAlerts() async throws {
        let seen = try await observe(HostFixture(), ["/mnt/share": .hung(.milliseconds(12_345))])
        let share = try #require(seen["/mnt/share"])
        #expect(share[DiskCheck.answers]?.value == state("hung"))
        #expect(share[DiskCheck.answers]?.summary == "/mnt/share has not answered for 12s")
        for measure in [DiskCheck.used, DiskCheck.inodes] {
            #expect(share[measure]?.value == .unknown(because: "has not answered for 12s"))
        }
        #expect(seen["/"]?[DiskCheck.used]?.value == .number(0.5))
        let rule = try #require(DiskCheck(DiskSettings()).rules.first { $0.measure == DiskCheck.answers })
        #expect(rule.shape == .state(bad: ["hung": .critical, "failing": .warning]))
    }

    @Test("S30 a folder that may not be entered is not covered, and no alert")
    func aFolderThatMayNotBeEnteredIsNotCovered() async throws {
        let seen = try await observe(HostFixture(), ["/mnt/share": .denied])
        let share = try #require(seen["/mnt/share"])
        #expect(share[DiskCheck.answers]?.value == state("not_covered"))
        #expect(share[DiskCheck.used] == nil)
        #expect(share[DiskCheck.writable]?.value == state("writable"))
    }

    @Test func whatIsNotVisibleBelowTheRootIsUnknownWithTheRemedy() async throws {
        let seen = try await observe(HostFixture(), ["/mnt/share": .notThere, "/srv/broken": .failed(.ioError)])
        // Its alerts keep their state: a full filesystem is not well because we do not see it.
        for measure in [DiskCheck.answers, DiskCheck.used, DiskCheck.inodes] {
            guard case .unknown(let because) = seen["/mnt/share"]?[measure]?.value else {
                Issue.record("\(measure.name): \(String(describing: seen["/mnt/share"]))")
                continue
            }
            #expect(because.contains("-v /:/host/root:ro,rslave"))
        }
        #expect(seen["/srv/broken"]?[DiskCheck.answers]?.value == state("failing"))
    }

    @Test func oneThatWasNotAskedKeepsItsAlerts() async throws {
        let seen = try await observe(HostFixture(), ["/mnt/share": .notAsked, "/srv/archive": .notAsked])
        let because = "not asked: too many filesystems hang, or there is no thread"
        for measure in [DiskCheck.answers, DiskCheck.used, DiskCheck.inodes] {
            #expect(seen["/mnt/share"]?[measure]?.value == .unknown(because: because))
        }
        // What cannot be written does not fill.
        #expect(seen["/srv/archive"]?[DiskCheck.used] == nil)
    }

    @Test("the write test waits for no filesystem that is slow to answer")
    func writesMeanwhile() async throws {
        let fixture = try HostFixture()
        try fixture.write("root/etc/\(WriteProbe.usualFile)", "")
        let left = fixture.path("root/etc/\(WriteProbe.usualFile)")
        let time = SystemTime()
        let probe = FileSystemProbe { _, _ in
            // The write test replaces the file and takes it away.
            let deadline = time.uptime + .seconds(20)
            while time.uptime < deadline {
                if access(left, F_OK) != 0 { return Self.half }
                usleep(10_000)
            }
            return .notAsked
        }
        var settings = DiskSettings()
        settings.include = ["/"].compactMap { Glob($0) }
        settings.hungAfter = .seconds(60)
        settings.writeTest = ["/etc"]
        let seen = try await DiskCheck(InstanceShare(settings), probe: probe)
            .observe(World(host: fixture.host, time: time))
        #expect(seen.first { $0.measure == DiskCheck.used }?.value == .number(0.5))
        #expect(seen.first { $0.measure == DiskCheck.writing }?.value == state("written"))
    }

    @Test func aRootThatIsNotTheHostsDegradesWithTheRemedy() async throws {
        // The fixture's root is a folder in which nothing is mounted.
        let fixture = try HostFixture()
        let check = DiskCheck(DiskSettings())
        let error = await #expect(throws: CheckError.self) {
            try await check.observe(World(host: fixture.host, time: SystemTime()))
        }
        #expect(error == .degraded(because: "\(fixture.path("root")) is not the host's root", remedy: Host.rootHint))
    }

    @Test func withoutTheHostsRootTheCheckDegradesWithTheRemedy() async throws {
        let fixture = try HostFixture()
        let host = Host(roots: HostRoots(proc: fixture.path("proc"), sys: fixture.path("sys")))
        let error = await #expect(throws: CheckError.self) {
            try await DiskCheck(DiskSettings()).observe(World(host: host, time: SystemTime()))
        }
        #expect(error?.remedy == "mount the host's root: -v /:/host/root:ro,rslave")
    }

    @Test func aContainersOwnMountsAreNotTakenForTheHosts() async throws {
        let fixture = try HostFixture("debian-12", "container-view")
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        #expect(error == .ownContainerOnly)
    }

    @Test(arguments: ["empty-files", "truncated", "no-proc", "hidepid"])
    func whatCannotBeReadDegrades(overlay: String) async throws {
        let fixture = try HostFixture("debian-12", overlay)
        let error = await #expect(throws: CheckError.self) { try await observe(fixture) }
        guard case .degraded(_, let remedy) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((remedy != nil) == ["no-proc", "hidepid"].contains(overlay))
    }

    @Test func aFolderIsWrittenOnRequest() async throws {
        func value(_ answer: FileSystemAnswer, isWritable: Bool = true) -> Observation.Value {
            DiskCheck.writing(into: "/data", answer, isWritable: isWritable).value
        }
        #expect(value(.written) == state("written"))
        #expect(value(.failed(.noSpace)) == state("failed"))
        #expect(value(.readOnly, isWritable: false) == state("failed"))
        #expect(value(.hung(.seconds(4))) == state("hung"))
        for answer in [FileSystemAnswer.denied, .notThere, .notAsked, .readOnly] {
            guard case .unknown = value(answer) else {
                Issue.record("\(answer) was judged")
                continue
            }
        }
        let fixture = try HostFixture()
        let none = try await observe(fixture)
        #expect(none.values.allSatisfy { $0[DiskCheck.writing] == nil })
        let seen = try await observe(fixture) { $0.writeTest = ["/etc", "/nowhere"] }
        #expect(seen["/etc"]?[DiskCheck.writing]?.value == state("written"))
        guard case .unknown = seen["/nowhere"]?[DiskCheck.writing]?.value else {
            Issue.record("a folder that is not there was judged")
            return
        }
    }

    @Test func levelsAndForecastsAreJudged() {
        let rules = DiskCheck(DiskSettings()).rules
        #expect(rules[0].shape == .above(warning: 0.9, critical: 0.95, hysteresis: 0.02))
        #expect(rules[1].shape == .trend(reaching: 1, warning: .seconds(86400), critical: .seconds(14400)))
        #expect(rules[1].holdFor == .seconds(1800))
        #expect(rules[2].measure == DiskCheck.inodes)
        #expect(rules[2].shape == .above(warning: 0.9, critical: 0.95, hysteresis: 0.02))
    }

    @Test(
        "what fires clears only below its threshold less the hysteresis",
        arguments: [
            (Severity.warning, 0.9, 0.88), (.critical, 0.95, 0.93),
        ]
    )
    func hysteresis(severity: Severity, threshold: Double, clears: Double) throws {
        let rules = DiskCheck(DiskSettings()).rules.filter { $0.shape.word == "above" }
        #expect(rules.map(\.measure) == [DiskCheck.used, DiskCheck.inodes])
        for rule in rules {
            var memory = Rule.Memory(shape: rule.shape.word)
            func judge(_ value: Double) -> Severity? {
                let start = Timestamp(milliseconds: 0)
                return rule.judge(.number(value), at: start, uptime: .zero, bootID: "b", memory: &memory).severity
            }
            #expect(judge(threshold) ?? .info < severity)
            #expect(judge(threshold + 0.001) == severity)
            #expect(judge(threshold) == severity)
            #expect(judge(clears) == severity)
            #expect(judge(clears - 0.001) ?? .info < severity)
            #expect(judge(threshold) ?? .info < severity)
        }
    }

    @Test("a threshold lower than the hysteresis can clear all the same")
    func hysteresisOfALowThreshold() {
        var settings = DiskSettings()
        (settings.warning, settings.critical) = (1, 95)
        #expect(DiskCheck(settings).rules[0].shape == .above(warning: 0.01, critical: 0.95, hysteresis: 0.005))
        (settings.warning, settings.critical) = (nil, nil)
        #expect(DiskCheck(settings).rules[0].shape == .above(warning: nil, critical: nil))
    }

    @Test("S31 a filesystem that fills steadily is foretold")
    func aSteadyRiseIsForetold() {
        let rule = DiskCheck(DiskSettings()).rules[1]
        var memory = Rule.Memory(shape: rule.shape.word)
        var first: (hour: Double, severity: Severity?)?
        // From half full, 5 % an hour: ten hours are left, so 24 h warns; at the end less than 4 h alarms.
        var last: Severity?
        for second in stride(from: 0, through: 9 * 3600, by: 30) {
            last =
                rule.judge(
                    .number(0.5 + 0.05 * Double(second) / 3600),
                    at: Timestamp(milliseconds: Int64(second) * 1000),
                    uptime: .seconds(second),
                    bootID: "b",
                    memory: &memory
                ).severity
            if first == nil, last != nil { first = (Double(second) / 3600, last) }
        }
        #expect(first?.severity == .warning)
        #expect((first?.hour ?? 9) < 1.5)
        #expect(last == .critical)
    }

    @Test func hostileNamesAreMadeSafe() async throws {
        let fixture = try HostFixture()
        try fixture.write("proc/1/mountinfo", "1 0 8:1 / /a\\033[2J rw - ext4 /dev/\u{1B}x rw\n")
        let seen = try await observe(fixture)
        let used = try #require(seen.values.first?[DiskCheck.used])
        #expect(used.summary?.contains("\u{1B}") == false)
        #expect(used.annotations.values.allSatisfy { !$0.contains("\u{1B}") })
    }
}
