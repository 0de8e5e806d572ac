package import Settings

/// When a container has used too much of the memory that it may use.
package struct MemoryLevels: SettingsGroup {
    package var warning: Percent? = 80
    package var critical: Percent? = 90
    package var span: Duration = .seconds(120)

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "warning",
                \.warning,
                "Warns when a container uses this share of its limit; what the kernel could take back at once is left out.",
                in: 1...100,
                fromLabels: true
            )
            Field(
                "critical",
                \.critical,
                "Alarms when a container uses this share of its memory limit.",
                in: 1...100,
                fromLabels: true
            )
            Field("for", \.span, "Fires only when it has used as much for this long.", in: .zero ... .seconds(86400))
        }
    }
}

/// When a container uses too much of its quota of processor time.
package struct QuotaLevels: SettingsGroup {
    package var warning: Percent? = 90
    package var critical: Percent?
    package var span: Duration = .seconds(300)

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "warning",
                \.warning,
                "Warns when a container uses this share of its quota of processor time.",
                in: 1...100,
                fromLabels: true
            )
            Field(
                "critical",
                \.critical,
                "Alarms when a container uses this share of its quota of processor time.",
                in: 1...100,
                fromLabels: true
            )
            Field("for", \.span, "Fires only when it has used as much for this long.", in: .zero ... .seconds(86400))
        }
    }
}

/// When a container is kept from the processors too often.
package struct ThrottlingLevels: SettingsGroup {
    package var warning: Percent? = 25
    package var critical: Percent?
    package var span: Duration = .seconds(300)

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "warning",
                \.warning,
                "Warns when a container's quota is used up in this share of the periods in which it has something to do.",
                in: 1...100,
                fromLabels: true
            )
            Field(
                "critical",
                \.critical,
                "Alarms when a container's quota is used up in this share of the periods.",
                in: 1...100,
                fromLabels: true
            )
            Field("for", \.span, "Fires only when that has gone on for this long.", in: .zero ... .seconds(86400))
        }
    }
}

/// When a container has too many of the tasks that it may have.
package struct TaskLevels: SettingsGroup {
    package var warning: Percent? = 80
    package var critical: Percent? = 90

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "warning",
                \.warning,
                "Warns when a container's processes and threads reach this share of its limit.",
                in: 1...100,
                fromLabels: true
            )
            Field(
                "critical",
                \.critical,
                "Alarms when a container's processes and threads reach this share of its limit.",
                in: 1...100,
                fromLabels: true
            )
        }
    }
}

/// When a container's tasks wait too long; the kernel tells with the second version of control groups.
package struct StallLevels: SettingsGroup {
    package var cpu: Percent?
    package var memory: Percent?
    package var io: Percent?
    package var span: Duration = .seconds(300)

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "cpu",
                \.cpu,
                "Warns when a task of a container waits for a processor this share of time.",
                in: 1...100,
                fromLabels: true
            )
            Field(
                "memory",
                \.memory,
                "Warns when a task of a container waits for memory this share of time.",
                in: 1...100,
                fromLabels: true
            )
            Field(
                "io",
                \.io,
                "Warns when a task of a container waits for a disk this share of time.",
                in: 1...100,
                fromLabels: true
            )
            Field("for", \.span, "Fires only when that has gone on for this long.", in: .zero ... .seconds(86400))
        }
    }
}

/// When a container's connections that nobody needs any more are too many.
package struct ConnectionLevels: SettingsGroup {
    package var closeWaitWarning: Int? = 100
    package var closeWaitCritical: Int? = 1000
    package var timeWaitWarning: Int? = 5000
    package var timeWaitCritical: Int? = 20000
    package var span: Duration = .seconds(120)

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "close_wait_warning",
                \.closeWaitWarning,
                "Warns when more connections than this were closed by their peers and are not by the container.",
                in: 1...10_000_000,
                fromLabels: true
            )
            Field(
                "close_wait_critical",
                \.closeWaitCritical,
                "Alarms when more connections than this wait to be closed by the container.",
                in: 1...10_000_000,
                fromLabels: true
            )
            Field(
                "time_wait_warning",
                \.timeWaitWarning,
                "Warns when more ended connections than this keep their ports for another minute.",
                in: 1...10_000_000,
                fromLabels: true
            )
            Field(
                "time_wait_critical",
                \.timeWaitCritical,
                "Alarms when more ended connections than this keep their ports for another minute.",
                in: 1...10_000_000,
                fromLabels: true
            )
            Field(
                "for",
                \.span,
                "Fires only when there have been too many for this long.",
                in: .zero ... .seconds(86400)
            )
        }
    }
}

extension Healing.Limits: SettingsGroup {
    package static var schema: Schema<Self> {
        Schema {
            Field(
                "budget",
                \.budget,
                "Restarts one container at most this often within `healing.window`.",
                in: 1...60
            )
            Field(
                "window",
                \.window,
                "Counts the restarts within this time.",
                in: .seconds(1) ... .seconds(604_800)
            )
            Field(
                "pause",
                \.pause,
                "Waits this long between the first restart and the second, then twice as long each time.",
                in: .seconds(1) ... .seconds(86400)
            )
            Field("grace", \.grace, "Leaves a container alone for this long after its start.")
        }
    }
}
