package import Alerting
package import Basics
import Procfs
package import Settings

/// Fires when tasks hang in the kernel: one that it found blocked for minutes, or many that wait and cannot be
/// interrupted.
///
/// Reads: `<proc>/sys/kernel/hung_task_{detect_count,timeout_secs,warnings}`; the kernel's log (`/dev/kmsg`, else the
/// journal through libsystemd where that is installed) where it may be read, on from where it last was;
/// `<proc>/<pid>/stat` of every process, in the pass that all process checks share, and of every thread only while the
/// load says that many may be blocked; `<pid>/{wchan,cgroup}` of blocked ones, and `<proc>/pressure/io` where there are
/// any.
/// Unknown when: the kernel is older than 6.13 and its log cannot be read or tells no more, or it looks for no hung
/// tasks; blocked tasks where only a container's own procfs is there, or it hides other users' processes (`hidepid`).
package struct IostuckCheck: Check {
    package static let kind = "iostuck"
    package static let summary = "Tasks hang in the kernel, as a rule because a disk or a server does not answer."

    package struct Settings: SettingsGroup {
        package var hungWithin: Duration = .seconds(600)
        package var hung: Severity? = .critical
        package var warning: Int? = 10
        package var critical: Int?
        package var blockedFor: Duration = .seconds(120)

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field("hung", \.hung, "Says with this severity that the kernel found a task hung.")
                Field(
                    "hung_within",
                    \.hungWithin,
                    "Fires while a task was found hung within this time.",
                    in: .seconds(1) ... .seconds(86400)
                )
                Field("warning", \.warning, "Warns when more tasks than this are blocked.", in: 0...4_194_304)
                Field("critical", \.critical, "Alarms when more tasks than this are blocked.", in: 0...4_194_304)
                Field(
                    "blocked_for",
                    \.blockedFor,
                    "Fires only when so many have been blocked for this long: a disk under load is no trouble.",
                    in: .zero ... .seconds(86400)
                )
            }
        }
    }

    static let hungTasks = Measure(
        name: "iostuck_hung_tasks_total",
        unit: .total,
        summary: "How often the kernel found a task blocked for longer than it should be (hung_task_timeout_secs)."
    )
    static let blocked = Measure(
        name: "iostuck_blocked_tasks",
        unit: .none,
        summary: "Tasks that wait and cannot be interrupted (state D), those of paused containers left out."
    )
    package static let measures = [hungTasks, blocked]

    private let settings: Settings
    private let log = KernelLog()

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        var rules = [
            Rule(
                Self.blocked,
                .above(warning: settings.warning.map(Double.init), critical: settings.critical.map(Double.init)),
                holdFor: settings.blockedFor
            )
        ]
        if let hung = settings.hung {
            rules.append(Rule(Self.hungTasks, .occurred(atLeast: 1, within: settings.hungWithin, hung)))
        }
        return rules
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let hung = hung(world)
        do throws(CheckError) {
            return [hung, try blocked(world)]
        } catch {
            // What the log told is told only once: it must not be lost for the processes.
            if case .unknown = hung.value { throw error }
            let because = error.because + (error.remedy.map { "; \($0)" } ?? "")
            return [hung, Observation(Self.blocked, of: .host, .unknown(because: because))]
        }
    }

    // MARK: - Hung tasks

    /// The kernel counts since Linux 6.13; before, its log tells, where we may read it.
    private func hung(_ world: World) -> Observation {
        let host = world.host
        do throws(HostFileError) {
            if try host.hungTaskTimeout().seconds == 0 {
                let because = "the kernel looks for no hung tasks: kernel.hung_task_timeout_secs is 0"
                return Observation(Self.hungTasks, of: .host, .unknown(because: because))
            }
        } catch .absent(_, nil) {
            let because = "this kernel cannot look for hung tasks: it was built without CONFIG_DETECT_HUNG_TASK"
            return Observation(Self.hungTasks, of: .host, .unknown(because: because))
        } catch {
            return Observation(Self.hungTasks, of: .host, .unknown(because: error.description))
        }
        let news: KernelLog.News?
        let unread: HostFileError?
        do throws(HostFileError) { (news, unread) = (try log.news(of: host, at: world.time.now), nil) } catch {
            (news, unread) = (nil, error)
        }
        let tasks = recent(news, world)
        var observation = Observation(Self.hungTasks, of: .host, .occurrences(tasks.count))
        do throws(HostFileError) {
            observation.value = .number(Double(try host.hungTaskCount().total))
        } catch {
            if let unread {
                let hint = unread.hint.map { "; \($0)" } ?? ""
                let because = "before Linux 6.13 only the kernel's log tells of hung tasks, and \(unread)\(hint)"
                observation.value = .unknown(because: because)
            } else if tasks.isEmpty, (try? host.hungTaskWarnings())?.left == 0 {
                let because = "the kernel logs no more hung tasks: kernel.hung_task_warnings is 0 and should be -1"
                observation.value = .unknown(because: because)
            }
        }
        if let task = tasks.last {
            observation.summary = "task \(task.name) (\(task.pid)) has been blocked for more than \(task.seconds) s"
            let names = tasks.suffix(10).map { "\($0.name) (\($0.pid))" }
            observation.annotations["tasks"] = names.joined(separator: ", ")
        }
        if let missed = news?.missed, missed > 0 {
            observation.annotations["log"] =
                "\(missed) lines of the kernel's log were overwritten before they were read"
        }
        return observation
    }

    /// What is news: on the first look, what happened since the look before a restart, and within the window.
    private func recent(_ news: KernelLog.News?, _ world: World) -> [HungTask] {
        guard let news else { return [] }
        guard news.isFirst else { return news.hungTasks }
        let span = world.unseen(atMost: settings.hungWithin)
        return news.hungTasks.filter { KernelLog.age(of: $0.stamp) < span }
    }

    // MARK: - Blocked tasks

    private func blocked(_ world: World) throws(CheckError) -> Observation {
        let pass = try world.everyProcess()
        let host = world.host
        var candidates = pass.processes.filter(\.isBlocked)
        if mayBeMany(host) { candidates += host.blockedThreads(of: pass) }
        var frozen: [String: Bool] = [:]
        let tasks = candidates.filter { !host.isFrozen($0, known: &frozen) }
        var observation = Observation(Self.blocked, of: .host, .number(Double(tasks.count)))
        if candidates.count > tasks.count {
            observation.annotations["frozen"] = "\(candidates.count - tasks.count) tasks of paused containers"
        }
        guard let first = tasks.first else { return observation }
        let number = tasks.count == 1 ? "1 task waits" : "\(tasks.count) tasks wait"
        observation.summary = "\(number) and cannot be interrupted: \(tasks.frequentNames())"
        observation.annotations["tasks"] = tasks.prefix(10).map { task in
            host.waitsIn(task).map { "\(task.title) in \($0)" } ?? task.title
        }.joined(separator: ", ")
        observation.annotations["first"] = first.title
        if let lost = (try? host.pressure(on: .io))?.full?.minute {
            observation.annotations["io_full_1m"] = Unit.ratio.text(lost)
        }
        return observation
    }

    /// Blocked tasks count in the load: only while it is this high can so many threads be blocked for so long.
    private func mayBeMany(_ host: Host) -> Bool {
        guard let least = [settings.warning, settings.critical].compactMap(\.self).min() else { return false }
        guard let load = try? host.loadAverage() else { return true }
        return load.one * 2 > Double(least)
    }
}
