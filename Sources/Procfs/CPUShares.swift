/// What the processors spent a span of time on, as shares of it.
package struct CPUShares: Sendable, Equatable {
    /// Not idle: what was taken by the hypervisor is not left either.
    package var busy: Double
    /// Idle while a disk was waited for.
    package var iowait: Double
    /// Taken by the hypervisor for other machines.
    package var steal: Double
    /// Programs.
    package var user: Double
    /// The kernel, interrupts included.
    package var system: Double

    /// The shares of the time between two readings; nil where fewer than `least` ticks have passed.
    package init?(from former: CPUTimes.Ticks, to present: CPUTimes.Ticks, least: UInt64) {
        func spent(_ part: KeyPath<CPUTimes.Ticks, UInt64>) -> Double {
            // A processor that went offline, and iowait at any time, may count backwards.
            let (before, after) = (former[keyPath: part], present[keyPath: part])
            return after > before ? Double(after - before) : 0
        }
        let (user, system, interrupts) = (spent(\.user), spent(\.system), spent(\.interrupts))
        let (idle, iowait, steal) = (spent(\.idle), spent(\.iowait), spent(\.steal))
        let total = user + system + interrupts + idle + iowait + steal
        guard total >= Double(max(1, least)) else { return nil }
        busy = (user + system + interrupts + steal) / total
        self.iowait = iowait / total
        self.steal = steal / total
        self.user = user / total
        self.system = (system + interrupts) / total
    }
}
