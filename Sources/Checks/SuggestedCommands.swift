package import Alerting
import Basics

/// What an operator types next about a finding (S37).
///
/// Commands that only look, and are cheap: what is wrong with a machine must not get worse by asking. They are text and
/// are never run; a target's name is quoted for the shell, since it comes from outside.
package enum SuggestedCommands {
    /// The commands for one reading in breach, the most telling first; none for a measure nothing is known of.
    package static func of(_ reading: Reading) -> [String] {
        let target = reading.observation.target.name
        let name = (reading.observation.labels["container"] ?? target).quotedForShell
        if isOfOtherEngine(reading) { return [] }
        switch reading.observation.measure.name {
        case "container_death", "container_running", "container_restarts":
            return ["docker logs --tail 50 \(name)", "docker inspect --format '{{json .State}}' \(name)"]
        case "container_health", "container_heal_restart", "container_healing":
            return ["docker inspect --format '{{json .State.Health}}' \(name)", "docker logs --tail 50 \(name)"]
        case "container_oom":
            return ["docker stats --no-stream \(name)", "docker inspect --format '{{.HostConfig.Memory}}' \(name)"]
        case "container_listen_overflows_total":
            return ["nsenter --net --target \"$(docker inspect --format '{{.State.Pid}}' \(name))\" ss -ltn"]
        case "container_labels":
            return ["docker inspect --format '{{json .Config.Labels}}' \(name)"]
        case "container_memory_used_ratio", "container_memory_pressure_ratio":
            return [
                "docker stats --no-stream \(name)", "docker top \(name) -o pid,rss,comm",
                "docker inspect --format '{{.HostConfig.Memory}}' \(name)",
            ]
        case "container_cpu_quota_used_ratio", "container_cpu_throttled_ratio", "container_cpu_pressure_ratio":
            return [
                "docker stats --no-stream \(name)",
                "docker inspect --format '{{.HostConfig.NanoCpus}} {{.HostConfig.CpuQuota}}' \(name)",
                "docker top \(name) -o pid,pcpu,comm",
            ]
        case "container_io_pressure_ratio":
            return ["docker stats --no-stream \(name)", "docker top \(name) -o pid,stat,wchan:32,comm"]
        case "container_pids_used_ratio":
            return [
                "docker top \(name) -o pid,nlwp,comm", "docker inspect --format '{{.HostConfig.PidsLimit}}' \(name)",
            ]
        case "container_tcp_close_wait", "container_tcp_time_wait", "container_tcp_in_use", "container_tcp_established":
            return ["nsenter --net --target \"$(docker inspect --format '{{.State.Pid}}' \(name))\" ss -tan"]
        case "docker_healing":
            return ["docker events --since 10m --until 0s", "docker ps --all --filter health=unhealthy"]
        case "docker_engine_reachable":
            return ["systemctl status docker --no-pager", "journalctl --unit docker --lines 50 --no-pager"]
        case "procfd_used_ratio":
            return descriptors(of: reading)
        case "filefd_process_used_ratio" where reading.observation.annotations["pid"] != nil:
            return descriptors(of: reading)
        case "mount_compliance", "mount_present", "mount_options":
            return ["findmnt \(target.quotedForShell)", "grep -v '^#' /etc/fstab", "dmesg | tail"]
        case "sysctl_compliance", "sysctl_value":
            return [
                "sysctl \(target.quotedForShell)", "grep -rn \(target.quotedForShell) /etc/sysctl.conf /etc/sysctl.d",
            ]
        case "systemd_unit", "systemd_failure", "systemd_restarts_total":
            return ["systemctl status \(name) --no-pager", "journalctl --unit \(name) --lines 50 --no-pager"]
        case let measure where measure.hasPrefix("systemd_timer_"):
            return ["systemctl list-timers --all \(name) --no-pager", "systemctl status \(name) --no-pager"]
        case "disk_answers", "disk_writable", "disk_write_test":
            // Nothing that asks the filesystem itself: one that hangs takes the shell along.
            return ["findmnt \(target.quotedForShell)", "dmesg | tail"]
        case let measure where measure.hasPrefix("disk_"):
            let mount = target.quotedForShell
            return ["\(measure.contains("inode") ? "df -i" : "df -h") \(mount)", "findmnt \(mount)"]
        case "netif_bond_members_up":
            return [
                "cat /proc/net/bonding/\(target.quotedForShell)", "ip -s link show master \(target.quotedForShell)",
            ]
        case let measure where measure.hasPrefix("netif_"):
            return ["ip -s -s link show \(target.quotedForShell)", "ethtool \(target.quotedForShell)"]
        case let measure: return general.first { measure.hasPrefix($0.prefix) }?.commands ?? []
        }
    }

    /// Whether it is about what `docker` on this machine may not know: a container of an engine with a name, or of none.
    private static func isOfOtherEngine(_ reading: Reading) -> Bool {
        guard reading.check.kind == DockerCheck.kind else { return false }
        return reading.check.instance != nil || reading.observation.labels["runtime"] != nil
    }

    /// What one process has open, and how much it may.
    private static func descriptors(of reading: Reading) -> [String] {
        let pid = reading.observation.annotations["pid"]?.quotedForShell ?? "PID"
        return [
            "prlimit --nofile --pid \(pid)",
            "ls -l /proc/\(pid)/fd | awk '{sub(/:.*/, \"\", $NF); print $NF}' | sort | uniq -c | sort -n | tail",
        ]
    }

    /// By how a measure's name begins; the first that fits.
    private static let general: [(prefix: String, commands: [String])] = [
        (
            "conntrack_",
            ["sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max", "conntrack --stats"]
        ),
        ("cpu_", ["ps -eo pid,pcpu,stat,comm --sort=-pcpu | head", "vmstat 1 5", "uptime"]),
        ("diskio_", ["iostat -dxm 1 3", "dmesg | tail"]),
        ("filefd_", ["sysctl fs.file-nr", "stat -c '%s %n' /proc/[0-9]*/fd | sort -n | tail"]),
        (
            "iostuck_",
            [
                "ps -eo pid,state,wchan:32,comm | awk '$2 == \"D\"'", "journalctl --dmesg --lines 50 --no-pager",
                "iostat -x 1 2",
            ]
        ),
        ("hostident_", ["hostnamectl", "ip -brief address"]),
        ("mem_", ["free -m", "ps -eo pid,rss,comm --sort=-rss | head", "vmstat 1 5"]),
        (
            "neigh_",
            [
                "sysctl net.ipv4.neigh.default.gc_thresh3 net.ipv6.neigh.default.gc_thresh3",
                "ip -s neigh show nud failed",
            ]
        ),
        ("oom_", ["journalctl --dmesg --grep 'out of memory|oom-kill' --lines 20 --no-pager", "free -m"]),
        ("pids_", ["sysctl kernel.pid_max kernel.threads-max", "ps -eo nlwp,pid,comm --sort=-nlwp | head"]),
        ("procnum_", ["ps -eo pid,ppid,lstart,user,comm --sort=start_time | tail -20"]),
        ("pressure_cpu_", ["ps -eo pid,pcpu,stat,comm --sort=-pcpu | head", "vmstat 1 5"]),
        ("pressure_memory_", ["ps -eo pid,rss,comm --sort=-rss | head", "free -m", "vmstat 1 5"]),
        ("pressure_io_", ["iostat -dxm 1 3", "ps -eo pid,stat,wchan:32,comm | awk '$2 ~ /^D/'"]),
        ("secmod_selinux_", ["sestatus", "journalctl --lines=50 --no-pager _AUDIT_TYPE_NAME=MAC_STATUS"]),
        ("secmod_apparmor_", ["aa-status", "cat /proc/cmdline"]),
        ("ntp_", ["chronyc -n tracking", "chronyc -n sources -v", "timedatectl"]),
        ("sockstat_tcp_memory_", ["sysctl net.ipv4.tcp_mem", "ss -s", "ss -tmn | head -40"]),
        ("sockstat_", ["ss -ltn", "nstat -az TcpExtListenOverflows TcpExtListenDrops"]),
        ("tcpstate_close_wait", ["ss -tnp state close-wait | head -40", "ss -s"]),
        (
            "tcpstate_",
            [
                "ss -s", "sysctl net.ipv4.ip_local_port_range",
                "ss -Htan state connected | awk '{print $5}' | sort | uniq -c | sort -n | tail",
            ]
        ),
        ("uptime_", ["last -x reboot shutdown | head", "journalctl --boot=-1 --lines=50 --no-pager"]),
        ("zombie_", ["ps -eo ppid,pid,state,comm | awk '$3 == \"Z\"' | sort -n | head -20"]),
        ("sink_", ["custos sinks test"]),
    ]
}

extension String {
    /// As one word of a POSIX shell's command line, without control characters.
    var quotedForShell: String {
        let text = safe(limit: 256)
        let isPlain = text.utf8.allSatisfy { byte in
            Self.plain.contains(byte)
        }
        if isPlain, !text.isEmpty, !text.hasPrefix("-") { return text }
        // What begins like an option is a file or a name all the same.
        let word = text.hasPrefix("-") ? "./" + text : text
        var quoted = "'"
        for character in word.unicodeScalars {
            if character == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(character) }
        }
        return quoted + "'"
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@%+,=".utf8)
}
