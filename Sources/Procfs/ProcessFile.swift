/// A file of a process that somebody reads: what is not listed here cannot be asked for, and is not captured.
enum ProcessFile: String, CaseIterable, Sendable {
    case cgroup, cmdline, fd, limits, stat, status, task, wchan
}
