import CLinux

/// The reader itself, for its own metrics.
package enum OwnProcess {
    /// Resident memory in bytes: the second field of `/proc/self/statm`, in pages (proc(5)); nil where it is unreadable.
    package static func residentBytes() -> UInt64? {
        guard case .bytes(let bytes) = FileReader.read("/proc/self/statm") else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = UInt64(fields[1]) else { return nil }
        return pages.multipliedReportingOverflow(by: Host.pageSize).partialValue
    }

    /// Gives the heap's free pages back to the kernel; it goes through all that is free.
    package static func returnMemory() { custos_return_memory() }
}
