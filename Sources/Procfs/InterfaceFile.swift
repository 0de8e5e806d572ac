/// A file of an interface in sysfs that somebody reads.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/abi-testing.html> (`/sys/class/net`).
enum InterfaceFile: String, CaseIterable, Sendable {
    case carrierChanges = "carrier_changes"
    case duplex, flags, operstate, speed, uevent
}
