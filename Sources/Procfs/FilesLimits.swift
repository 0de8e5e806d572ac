/// How many descriptors processes may open, remembered for those that have few open.
///
/// Reading `<pid>/limits` of every process at every pass costs more than the pass. A limit seldom changes once a program
/// runs, and what is remembered is read anew now and then, and before it makes trouble.
struct FilesLimits {
    private var known: [ProcessStat.Key: UInt64] = [:]
    private var pass = 0
    private var turn: Int32 = 0

    /// Most processes whose limits are remembered; of more, the limits are read every time.
    static let capacity = 16_384
    /// A remembered limit is read anew after this many passes, each process at another one.
    static let lifetime: Int32 = 60

    private static let unlimited = UInt64.max

    /// Begins with another pass: what has ended is forgotten.
    mutating func enter(_ pass: ProcessPass) {
        guard self.pass != pass.id else { return }
        self.pass = pass.id
        turn = (turn + 1) % Self.lifetime
        guard known.count > pass.processes.count else { return }
        known = known.filter { pass[$0.key.pid]?.start == $0.key.start }
    }

    /// What is remembered of a process with so many open; nil when its limit should be read.
    func limit(of process: ProcessStat, open: UInt64, exactAbove ratio: Double) -> Host.FilesLimit? {
        guard open < FileUse.floor, process.pid % Self.lifetime != turn, let limit = known[process.key] else {
            return nil
        }
        if limit == Self.unlimited { return .unlimited }
        return Double(open) > ratio * Double(limit) ? nil : .number(limit)
    }

    mutating func remember(_ limit: Host.FilesLimit, of process: ProcessStat) {
        guard known.count < Self.capacity || known[process.key] != nil else { return }
        known[process.key] = limit.number ?? Self.unlimited
    }
}
