/// A random identifier that the kernel draws at each start: equal as long as the machine has not been restarted.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/sysctl/kernel.html#random>
/// ```
/// be47a427-bbe4-4553-8096-fb238a711d1b
/// ```
package struct BootID: HostFile {
    package static let source = HostPath(.proc, "sys/kernel/random/boot_id")

    /// Thirty-two hexadecimal digits in five groups, lower case.
    package var text: String

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the identifier")
        guard let field = line.next(), line.next() == nil, Self.isUUID(field) else {
            throw lines.malformed("the identifier is not a UUID")
        }
        text = field.text.lowercased()
    }

    private static func isUUID(_ field: ArraySlice<UInt8>) -> Bool {
        field.count == 36
            && field.enumerated().allSatisfy { place, byte in
                [8, 13, 18, 23].contains(place) ? byte == UInt8(ascii: "-") : byte.hexadecimalDigit != nil
            }
    }
}
