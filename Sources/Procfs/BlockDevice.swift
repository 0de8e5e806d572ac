import Basics
import Glibc

/// What a whole disk, or a device made of others, is.
package struct BlockDevice: Sendable, Equatable {
    /// What it stores on, as far as the kernel says.
    package enum Medium: String, Sendable, CaseIterable {
        /// Turning platters.
        case hdd
        case ssd, nvme
        /// Memory cards, devices behind a network, and what the kernel does not say.
        case other
    }

    package var medium: Medium
    /// Disks and partitions that it is made of, where it is made of others (device mapper, md, bcache).
    package var members: [String] = []
    /// The name that the device mapper gives it: `vg0-root`.
    package var mapperName: String?
}

/// What is read of a device in sysfs: files, and the folder of its members.
enum BlockFile: String, CaseIterable, Sendable {
    case mapperName = "dm/name"
    case members = "slaves"
    case rotational = "queue/rotational"
}

/// Whether a disk turns.
///
/// Kernel document: <https://docs.kernel.org/block/queue-sysfs.html> (`rotational`). 1 for turning, also where a driver
/// does not know better.
/// ```
/// 0
/// ```
package struct RotationalFlag: HostFile {
    package static let source = HostPath(.sys, "block/vda/queue/rotational")
    package var isRotational: Bool

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the flag")
        switch try lines.decimal(&line, "the flag") {
        case 0: isRotational = false
        case 1: isRotational = true
        default: throw lines.malformed("the flag is neither 0 nor 1")
        }
    }
}

extension Host {
    /// What a device of `diskstats` is; nil for a partition, and for one that is there no more.
    ///
    /// Reads: `<sys>/block/<name>/{queue/rotational,slaves,dm/name}`.
    package func blockDevice(_ name: String) throws(HostFileError) -> BlockDevice? {
        // In names of files the kernel writes `!` for a slash.
        let file = String(name.map { $0 == "/" ? "!" : $0 })
        guard file != ".", file != "..", !file.isEmpty, file.utf8.count < 256 else { return nil }
        let folder = "\(roots.sys)/block/\(file)"
        guard access(folder, F_OK) == 0 else {
            let reason = errno
            // A host without sysfs is not a host of partitions.
            guard isMounted(.sys), reason == ENOENT else {
                throw failure(reason, HostPath(.sys, "block/\(file)"), folder)
            }
            return nil
        }
        var device = BlockDevice(medium: medium(of: file))
        device.members = entries(of: "\(folder)/\(BlockFile.members.rawValue)")
        if file.hasPrefix("dm-"), let bytes = try? bytes(of: Self.path(file, .mapperName), limit: 4096) {
            let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
            device.mapperName = text.isEmpty ? nil : text.safe(limit: 200)
        }
        return device
    }

    private func medium(of file: String) -> BlockDevice.Medium {
        guard !Self.elsewhere.contains(where: { file.hasPrefix($0) }),
            let flag = try? read(RotationalFlag.self, at: Self.path(file, .rotational))
        else { return .other }
        if flag.isRotational { return .hdd }
        return file.hasPrefix("nvme") ? .nvme : .ssd
    }

    private static func path(_ device: String, _ file: BlockFile) -> HostPath {
        HostPath(.sys, "block/\(device)/\(file.rawValue)")
    }

    /// Drivers whose devices neither turn nor answer as fast as an SSD.
    private static let elsewhere = ["mmcblk", "nbd", "rbd", "drbd", "dasd"]

    /// The names in a folder of sysfs; none where it is not there.
    private func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory), names.count < 1024 {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
