import Glibc

/// Whether SELinux enforces its policy.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/LSM/SELinux.html>; `sel_read_enforce` in
/// `security/selinux/selinuxfs.c`. 1 for enforcing, 0 for permissive, without a line break.
/// ```
/// 1
/// ```
package struct SELinuxEnforce: HostFile {
    package static let source = HostPath(.sys, "fs/selinux/enforce")
    package var isEnforcing: Bool

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")], path: path)
        var line = try lines.required("the flag")
        switch try lines.decimal(&line, "the flag") {
        case 0: isEnforcing = false
        case 1: isEnforcing = true
        default: throw lines.malformed("the flag is neither 0 nor 1")
        }
    }
}

/// Whether AppArmor was switched on at boot.
///
/// Kernel document: <https://docs.kernel.org/admin-guide/LSM/apparmor.html>; the parameter `enabled` in
/// `security/apparmor/lsm.c`.
/// ```
/// Y
/// ```
package struct AppArmorEnabled: HostFile {
    package static let source = HostPath(.sys, "module/apparmor/parameters/enabled")
    package var isEnabled: Bool

    package init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
        var lines = LineScanner(bytes, path: path)
        var line = try lines.required("the flag")
        guard let flag = line.next(), flag.spells("Y") || flag.spells("N") else {
            throw lines.malformed("the flag is neither Y nor N")
        }
        isEnabled = flag.spells("Y")
    }
}

/// What SELinux does.
package enum SELinuxMode: String, Sendable, CaseIterable {
    case enforcing, permissive, disabled
}

extension Host {
    /// What SELinux does on the host.
    ///
    /// The kernel makes the folder `<sys>/fs/selinux` where SELinux is on, and only there; the files in it are a
    /// filesystem of their own, which a container may lack. A folder without files is therefore no answer.
    package func selinuxMode() throws(HostFileError) -> SELinuxMode {
        let missing: HostFileError
        do throws(HostFileError) {
            return try read(SELinuxEnforce.self).isEnforcing ? .enforcing : .permissive
        } catch {
            guard case .absent(let path, nil) = error else { throw error }
            guard access("\(roots.sys)/fs/selinux", F_OK) == 0 else { return .disabled }
            missing = .absent(path: path, hint: Self.selinuxHint)
        }
        // The host's root may be mounted with all that is mounted below it.
        do throws(HostFileError) {
            let path = HostPath(.root, SELinuxEnforce.source.insideRoot)
            return try read(SELinuxEnforce.self, at: path).isEnforcing ? .enforcing : .permissive
        } catch {
            throw missing
        }
    }

    /// Whether AppArmor is on on the host; a kernel without the module has it off.
    package func isAppArmorEnabled() throws(HostFileError) -> Bool {
        do throws(HostFileError) {
            return try read(AppArmorEnabled.self).isEnabled
        } catch {
            guard case .absent(_, nil) = error else { throw error }
            return false
        }
    }

    private static let selinuxHint =
        "mount the host's sysfs with what is mounted below it (a recursive bind, the default of -v): "
        + "-v /sys:/host/sys:ro"
}

extension HostPath {
    /// A file of sysfs as the host's root shows it.
    fileprivate var insideRoot: String { "sys/\(relative)" }
}
