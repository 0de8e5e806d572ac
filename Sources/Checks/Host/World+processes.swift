import Alerting
import Basics
import Procfs

extension World {
    /// Every process of the host.
    ///
    /// - Throws: `CheckError` where the procfs is a container's own, or hides processes.
    func everyProcess() throws(CheckError) -> ProcessPass {
        let pass = try looking { () throws(HostFileError) in try processes.pass(by: time) }
        guard pass.scope == .host else { throw .ownContainerOnly }
        return pass
    }
}

extension FileUse {
    /// Why nothing is known of the descriptors of so many processes, of which so many are hidden.
    static func uncounted(_ hidden: Int, of all: Int) -> Observation.Value {
        guard hidden > 0 else { return .unknown(because: "no process was there long enough to be counted") }
        return .unknown(because: "\(hidden) of \(all) processes cannot be counted: needs Linux 6.2 or CAP_SYS_PTRACE")
    }
}

extension ProcessStat {
    /// As people tell processes apart: `nginx (4711)`.
    var title: String { "\(name.text) (\(pid))" }
}

extension Sequence<ProcessStat> {
    /// The most frequent names: `nginx (12), sh (2)`.
    func frequentNames(atMost limit: Int = 5) -> String {
        var counts: [String: Int] = [:]
        for process in self { counts[process.name.text, default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit)
            .map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
    }
}
