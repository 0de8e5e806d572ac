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
        switch reading.observation.measure.name {
        case "container_death", "container_running", "container_restarts":
            return ["docker logs --tail 50 \(name)", "docker inspect --format '{{json .State}}' \(name)"]
        case "container_health":
            return ["docker inspect --format '{{json .State.Health}}' \(name)", "docker logs --tail 50 \(name)"]
        case "container_oom":
            return ["docker stats --no-stream \(name)", "docker inspect --format '{{.HostConfig.Memory}}' \(name)"]
        case "container_listen_overflows_total":
            return ["nsenter --net --target \"$(docker inspect --format '{{.State.Pid}}' \(name))\" ss -ltn"]
        case "docker_engine_reachable":
            return ["systemctl status docker --no-pager", "journalctl --unit docker --lines 50 --no-pager"]
        case "systemd_unit", "systemd_failure", "systemd_restarts_total":
            return ["systemctl status \(name) --no-pager", "journalctl --unit \(name) --lines 50 --no-pager"]
        case let measure where measure.hasPrefix("systemd_timer_"):
            return ["systemctl list-timers --all \(name) --no-pager", "systemctl status \(name) --no-pager"]
        case let measure where measure.hasPrefix("disk_"):
            let mount = target.quotedForShell
            return measure.contains("inode")
                ? ["df -i \(mount)"] : ["df -h \(mount)", "du -xh --max-depth 1 \(mount) | sort -h | tail"]
        case let measure: return general.first { measure.hasPrefix($0.prefix) }?.commands ?? []
        }
    }

    /// By how a measure's name begins; the first that fits.
    private static let general: [(prefix: String, commands: [String])] = [
        (
            "conntrack_",
            ["sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max", "conntrack --stats"]
        ),
        ("cpu_", ["ps -eo pid,pcpu,stat,comm --sort=-pcpu | head", "vmstat 1 5", "uptime"]),
        ("filefd_process_", ["lsof -n | awk '{print $2, $1}' | sort | uniq -c | sort -n | tail"]),
        ("filefd_", ["sysctl fs.file-nr", "lsof -n | awk '{print $2, $1}' | sort | uniq -c | sort -n | tail"]),
        ("mem_", ["free -m", "ps -eo pid,rss,comm --sort=-rss | head", "vmstat 1 5"]),
        (
            "neigh_",
            [
                "sysctl net.ipv4.neigh.default.gc_thresh3 net.ipv6.neigh.default.gc_thresh3",
                "ip -s neigh show nud failed",
            ]
        ),
        ("ntp_", ["chronyc -n tracking", "chronyc -n sources -v", "timedatectl"]),
        ("sockstat_tcp_memory_", ["sysctl net.ipv4.tcp_mem", "ss -s", "ss -tmn | head -40"]),
        ("sockstat_", ["ss -ltn", "nstat -az TcpExtListenOverflows TcpExtListenDrops"]),
        ("uptime_", ["last -x reboot shutdown | head", "journalctl --boot=-1 --lines=50 --no-pager"]),
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
