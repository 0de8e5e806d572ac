import Basics

/// One record of the kernel's log.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/abi-testing.html> (`/dev/kmsg`): facility and level, sequence
/// number, microseconds since boot, flags; then the text, in which what cannot be printed is escaped.
/// ```
/// 3,57634,23439184116,-;INFO: task cp:4711 blocked for more than 120 seconds.
///  SUBSYSTEM=…
/// ```
struct KernelRecord {
    /// Whether the kernel itself wrote it, and no program through the device.
    var isFromKernel: Bool
    var sequence: UInt64
    /// When, since boot.
    var stamp: Duration
    var text: ArraySlice<UInt8>

    init(isFromKernel: Bool, sequence: UInt64, stamp: Duration, text: ArraySlice<UInt8>) {
        self.isFromKernel = isFromKernel
        self.sequence = sequence
        self.stamp = stamp
        self.text = text
    }

    /// Nil for anything else, such as the lines that belong to a record.
    init?(_ line: ArraySlice<UInt8>) {
        guard let (head, text) = line.parted(at: UInt8(ascii: ";")) else { return nil }
        let fields = head.split(separator: UInt8(ascii: ","), maxSplits: 3)
        guard fields.count >= 3, let priority = fields[0].decimal, let sequence = fields[1].decimal,
            let microseconds = fields[2].decimal, microseconds < 1 << 60
        else { return nil }
        isFromKernel = priority >> 3 == 0
        self.sequence = sequence
        stamp = .microseconds(Int64(microseconds))
        self.text = text
    }
}

/// A task that the kernel found blocked for long.
///
/// Source in the kernel: `kernel/hung_task.c`.
/// ```
/// INFO: task cp:4711 blocked for more than 120 seconds.
/// INFO: task cp:4711 blocked in I/O wait for more than 120 seconds.
/// ```
package struct HungTask: Sendable, Equatable {
    package var pid: Int32
    /// Chosen by the task itself; safe to show.
    package var name: String
    /// For how long at least.
    package var seconds: UInt64
    /// When it was told, since boot.
    package var stamp: Duration

    init?(_ record: KernelRecord) {
        guard record.text.starts(with: "INFO: task ".utf8) else { return nil }
        let rest = record.text.dropFirst("INFO: task ".utf8.count)
        // A name may hold anything: the last mention counts.
        guard let end = rest.lastRange(of: " blocked"), let colon = rest[..<end.lowerBound].lastIndex(of: 0x3A),
            let pid = rest[(colon + 1)..<end.lowerBound].decimal.flatMap({ Int32(exactly: $0) }),
            let more = rest[end.upperBound...].lastRange(of: " for more than ")
        else { return nil }
        var words = Fields(rest[more.upperBound...])
        guard let seconds = words.next()?.decimal, words.next()?.starts(with: "seconds".utf8) == true else {
            return nil
        }
        self.pid = pid
        name = rest[..<colon].text.safe(limit: 64)
        self.seconds = seconds
        stamp = record.stamp
    }
}

/// A process that the kernel killed because memory ran out.
///
/// Source in the kernel: `mm/oom_kill.c`; the line before the kill came with Linux 4.19, older ones say `Task in … killed
/// as a result of limit of …` where a control group's limit was reached.
/// ```
/// oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/docker/0f3a…,task_memcg=/docker/0f3a…,task=java,pid=4711,uid=0
/// Memory cgroup out of memory: Killed process 4711 (java) total-vm:8388608kB, anon-rss:524288kB, file-rss:0kB, …
/// Tasks in /docker/0f3a… are going to be killed due to memory.oom.group set
/// ```
/// The announcements are limited to ten in five seconds, the line of a kill and the one of a whole group are not.
package struct OOMKill: Sendable, Equatable {
    package var pid: Int32
    /// Chosen by the process itself; safe to show.
    package var name: String
    /// The memory it had of its own, in bytes.
    package var memory: UInt64?
    /// The victim's control group; safe to show.
    package var group: String?
    /// The control group whose limit was reached; nil where the machine's memory ran out, or nobody said.
    package var limit: String?
    /// Whether it was a control group's limit that was reached, said or not which.
    package var isOfGroup: Bool
    /// When, since boot.
    package var stamp: Duration

    /// The container that the victim's control group belongs to, by its id.
    package var container: String? { group.flatMap(Self.container) }

    /// The last run of 64 hexadecimal digits in a control group's path: how every engine names containers.
    static func container(in path: String) -> String? {
        var last: ArraySlice<UInt8>?
        let bytes = Array(path.utf8)
        var start = 0
        for place in 0...bytes.count where place == bytes.count || bytes[place].hexadecimalDigit == nil {
            if place - start == 64 { last = bytes[start..<place] }
            start = place + 1
        }
        return last?.text
    }

    /// Whether a record says something of a kill that follows.
    static func announces(_ record: KernelRecord) -> Bool {
        record.text.starts(with: "oom-kill:constraint=".utf8)
            || record.text.starts(with: "Task in ".utf8) && record.text.firstRange(of: " killed as a result") != nil
            || record.text.starts(with: formerGroupKill.utf8)
            || record.text.starts(with: "Tasks in ".utf8) && record.text.lastRange(of: wholeGroup) != nil
    }

    /// What Linux before 4.20 writes before the kill itself.
    private static let formerGroupKill = "Memory cgroup out of memory: Kill process "
    private static let wholeGroup = " are going to be killed due to memory.oom.group set"

    /// What the lines before a kill said.
    struct Context {
        private var pid: Int32?
        private var group: String?
        private var limit: String?
        private var isOfGroup = false
        /// When all of the group began to be killed: what was said holds for each of them.
        private var whole: Duration?
        /// The limit of the last kill, whose group may follow it.
        private var lastLimit: String?

        /// The kills of a group follow each other at once: what comes later is another story.
        private static let wholeGroupTakes = Duration.seconds(5)

        /// Takes a record; the kill, if it is one.
        mutating func kill(_ record: KernelRecord) -> OOMKill? {
            if record.text.starts(with: "oom-kill:constraint=".utf8) {
                read(record.text)
                return nil
            }
            if record.text.starts(with: "Task in ".utf8) {
                readOld(record.text)
                return nil
            }
            if record.text.starts(with: "Tasks in ".utf8) {
                readWhole(record)
                return nil
            }
            guard var kill = OOMKill(record) else {
                if record.text.starts(with: OOMKill.formerGroupKill.utf8) { isOfGroup = true }
                return nil
            }
            if let whole, record.stamp - whole > Self.wholeGroupTakes { self = Context() }
            if pid == nil || pid == kill.pid { (kill.group, kill.limit) = (group, limit) }
            kill.isOfGroup = kill.isOfGroup || isOfGroup || kill.limit != nil
            if whole == nil {
                self = Context()
                lastLimit = kill.limit
            }
            return kill
        }

        private mutating func readWhole(_ record: KernelRecord) {
            guard let end = record.text.lastRange(of: OOMKill.wholeGroup) else { return }
            let limit = lastLimit
            self = Context()
            self.limit = limit
            group = record.text[..<end.lowerBound].dropFirst("Tasks in ".utf8.count).text.safe(limit: 512)
            whole = record.stamp
        }

        private mutating func read(_ text: ArraySlice<UInt8>) {
            self = Context()
            for part in text.split(separator: UInt8(ascii: ",")) {
                guard let (key, value) = part.parted(at: UInt8(ascii: "=")) else { continue }
                // A task may be named `x,pid=1`, and stands between the groups and its number.
                if key.spells("task_memcg"), group == nil { group = value.text.safe(limit: 512) }
                if key.spells("oom_memcg"), limit == nil { limit = value.text.safe(limit: 512) }
                if key.spells("pid") { pid = value.decimal.flatMap { Int32(exactly: $0) } }
            }
        }

        private mutating func readOld(_ text: ArraySlice<UInt8>) {
            let middle = " killed as a result of limit of "
            guard let range = text.lastRange(of: middle) else { return }
            self = Context()
            group = text[..<range.lowerBound].dropFirst("Task in ".utf8.count).text.safe(limit: 512)
            limit = text[range.upperBound...].text.safe(limit: 512)
        }
    }

    /// Nil for anything else; the older `Kill process …` line announces the same kill.
    private init?(_ record: KernelRecord) {
        let word = "Killed process "
        let text = record.text
        guard
            text.starts(with: word.utf8) || text.starts(with: "Out of memory".utf8)
                || text.starts(with: "Memory cgroup out of memory".utf8)
        else { return nil }
        guard let start = text.firstRange(of: word) else { return nil }
        let rest = text[start.upperBound...]
        guard let (number, tail) = rest.parted(at: UInt8(ascii: " ")),
            let pid = number.dropLast(number.last == UInt8(ascii: ",") ? 1 : 0).decimal.flatMap({ Int32(exactly: $0) }),
            let open = tail.firstIndex(of: UInt8(ascii: "(")), let close = tail.lastRange(of: ")")?.lowerBound,
            open < close
        else { return nil }
        self.pid = pid
        name = tail[(open + 1)..<close].text.safe(limit: 64)
        isOfGroup = text.starts(with: "Memory cgroup out of memory".utf8)
        if let range = tail[close...].firstRange(of: "anon-rss:") {
            let digits = tail[range.upperBound...].prefix { $0.hexadecimalDigit.map { $0 < 10 } ?? false }
            memory = digits.decimal.flatMap { $0 < 1 << 50 ? $0 << 10 : nil }
        }
        stamp = record.stamp
    }
}

extension ArraySlice<UInt8> {
    /// Where a text first occurs.
    func firstRange(of text: String) -> Range<Int>? { range(of: Array(text.utf8), last: false) }

    /// Where a text last occurs.
    func lastRange(of text: String) -> Range<Int>? { range(of: Array(text.utf8), last: true) }

    private func range(of text: [UInt8], last: Bool) -> Range<Int>? {
        guard text.count <= count, !text.isEmpty else { return nil }
        let starts = startIndex...(endIndex - text.count)
        let fits = { (start: Int) in self[start..<(start + text.count)].elementsEqual(text) }
        return (last ? starts.last(where: fits) : starts.first(where: fits)).map { $0..<($0 + text.count) }
    }
}
