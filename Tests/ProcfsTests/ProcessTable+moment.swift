import Basics
import TestSupport

@testable import Procfs

extension ProcessTable {
    /// A pass that takes no time.
    func pass(at uptime: Duration) throws(HostFileError) -> ProcessPass { try pass(by: ManualTime(uptime: uptime)) }

    /// The use of descriptors by such a pass.
    func fileUse(at uptime: Duration, exactAbove ratio: Double) throws(HostFileError) -> FileUse {
        try fileUse(by: ManualTime(uptime: uptime), exactAbove: ratio)
    }
}
