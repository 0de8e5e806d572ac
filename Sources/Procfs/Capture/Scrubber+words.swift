// What people and programs everywhere call alike, and may stay.

extension Scrubber {
    private static func words(_ text: String) -> Set<String> {
        Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
    }

    /// Folders of every Linux, and of the engines that run containers.
    private static let folders = words(
        """
        bin boot dev efi etc home lib lib32 lib64 lost+found media mnt opt proc root run sbin snap srv sys tmp usr var \
        log cache lock spool local share www html data backup backups storage pool pts shm mqueue hugepages none \
        swap swapfile swap.img hostname hosts resolv.conf fstab EFI esp nix store gnu flatpak \
        docker overlay overlay2 image buildkit containers volumes rootfs merged diff work _data mounts secrets netns \
        containerd io.containerd.grpc.v1.cri io.containerd.runtime.v2.task io.containerd.snapshotter.v1.overlayfs \
        snapshots fs k8s.io moby sandboxes kubelet pods plugins volume-subpaths kubernetes.io~empty-dir \
        kubernetes.io~secret kubernetes.io~projected kubernetes.io~configmap kubernetes.io~csi podman libpod lxc lxd \
        lxcfs machines libvirt qemu images user credentials debug tracing security pstore cgroup unified systemd cpu \
        cpuacct cpu,cpuacct cpuset memory blkio devices freezer net_cls net_prio net_cls,net_prio perf_event pids \
        hugetlb rdma misc selinux apparmor bpf fuse connections config kernel firmware efivars binfmt_misc net module \
        class block bus rpc_pipefs nfs nfsd rpcbind core core18 core20 core22 core24 snapd bare gnome doc portal gvfs \
        mysql postgresql postgres mariadb redis mongodb elasticsearch prometheus grafana custos host \
        mapper disk by-uuid by-label by-id by-path by-partuuid by-partlabel
        """
    )

    /// What mounts that lie on no device name as their source.
    private static let sources = words(
        """
        proc sysfs tmpfs devtmpfs devpts cgroup cgroup2 cgroup_root bpf none udev dev run mqueue debugfs tracefs \
        fusectl configfs hugetlbfs pstore securityfs efivarfs systemd-1 overlay overlayfs aufs shm ramfs binfmt_misc \
        binfmt sunrpc rpc_pipefs nsfs nsfs gvfsd-fuse portal lxcfs fuse rootfs nfsd autofs selinuxfs swap squashfs \
        kernel tmp varlock
        """
    )

    /// Users of every Linux, and of what distributions package.
    private static let users = words(
        """
        root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody nogroup \
        operator adm shutdown halt ftp dbus polkitd messagebus sshd ntp chrony _chrony tss tcpdump syslog uuidd \
        landscape pollinate usbmux dnsmasq avahi colord cups lightdm gdm sddm rtkit pulse geoclue saned kernoops \
        whoopsie speech-dispatcher hplip fwupd-refresh tcpdump rpc rpcuser statd _rpc nfsnobody apache nginx http \
        postgres mysql mariadb redis mongodb rabbitmq elasticsearch grafana prometheus alertmanager zabbix nagios munin \
        postfix dovecot dovenull exim opendkim clamav bind named unbound squid haproxy memcache docker dockerd podman \
        libvirt-qemu libvirt-dnsmasq qemu lxd _apt _flatpak sssd custos cloud-user debian ubuntu centos fedora ec2-user \
        admin user guest test vagrant pi git
        """
    )

    /// Values of mount options that are the filesystem's own words.
    private static let values = words(
        """
        sys none ordered writeback journal continue remount-ro panic remount relaxed strict rdonly zstd lzo zlib lz4 \
        auto on off yes no tcp tcp6 udp udp6 rdma local all mixed lower winnt utf8 iso8859-1 ascii recover shared \
        private uid gid always never within_size advise soft hard fsc loose mmap fscache readahead posix
        """
    )

    /// Slices, scopes and folders that every systemd or engine makes.
    private static let groups = words(
        """
        system.slice user.slice machine.slice init.scope app.slice session.slice background.slice kubepods.slice \
        kubepods besteffort burstable guaranteed kubepods-besteffort.slice kubepods-burstable.slice docker podman \
        libpod_parent lxc lxc.payload lxc.monitor machine system.slice:docker podruntime runtime kubelet.slice \
        runtime.slice supervised container payload -.slice init .. . \
        docker.service containerd.service kubelet.service crio.service podman.service dbus.service dbus-broker.service \
        cron.service crond.service ssh.service sshd.service rsyslog.service polkit.service chrony.service chronyd.service \
        ntpd.service nginx.service apache2.service httpd.service postgresql.service mysql.service mariadb.service \
        redis.service snapd.service NetworkManager.service wpa_supplicant.service ModemManager.service cups.service \
        avahi-daemon.service bluetooth.service accounts-daemon.service udisks2.service upower.service gdm.service \
        unattended-upgrades.service multipathd.service irqbalance.service custos.service getty.target auditd.service
        """
    )

    static func isCommonWord(_ word: String) -> Bool {
        users.contains(word) || folders.contains(word) || sources.contains(word)
    }

    static func isUsualFolder(_ name: String) -> Bool { folders.contains(name) || name.utf8.allSatisfy(\.isDigit) }

    static func isUsualSource(_ name: String) -> Bool { sources.contains(name) }

    static func isUsualUser(_ name: String) -> Bool { users.contains(name) || name.hasPrefix("systemd-") }

    static func isUsualValue(_ value: String) -> Bool { values.contains(value) }

    /// Whether a control group's folder is named as on many machines: systemd's own units, and those with a number.
    static func isUsualGroup(_ name: String) -> Bool {
        if groups.contains(name) || name.utf8.allSatisfy(\.isDigit)
            || name.hasPrefix("systemd-") && !name.contains("@")
        {
            return true
        }
        for (start, end) in [
            ("user-", ".slice"), ("user@", ".service"), ("session-", ".scope"), ("session-c", ".scope"),
            ("getty@tty", ".service"), ("serial-getty@ttyS", ".service"), ("unit-", ".service"), ("unit-", ".scope"),
            ("unit-", ".slice"), ("unit-", ""), ("user-runtime-dir@", ".service"),
        ] where name.hasPrefix(start) && name.hasSuffix(end) {
            let middle = name.utf8.dropFirst(start.utf8.count).dropLast(end.utf8.count)
            if !middle.isEmpty, middle.allSatisfy(\.isDigit) { return true }
        }
        return false
    }

    /// Whether an interface is named as the kernel or a usual program names it, by place or number.
    static func isUsualInterface(_ name: String) -> Bool {
        let fixed = ["lo", "cilium_host", "cilium_net", "cilium_vxlan", "kube-ipvs0", "nodelocaldns", "vxlan.calico"]
        if fixed.contains(name) || isNumbered(name, Subject.interface.prefix) { return true }
        let prefixes = [
            "eth", "eno", "ens", "enp", "enP", "wlan", "wlp", "wlo", "wwan", "wwp", "ib", "bond", "team", "br",
            "docker",
            "virbr", "podman", "cni", "lxcbr", "lxdbr", "nerdctl", "tun", "tap", "wg", "tailscale", "dummy", "ifb",
            "sit",
            "gre", "gretap", "erspan", "ip6tnl", "ip6gre", "ip_vti", "ip6_vti", "tunl", "teql", "vlan", "usb", "ppp",
            "can",
            "macvlan", "macvtap", "ipvlan", "vxlan",
        ]
        return prefixes.contains { prefix in
            guard name.hasPrefix(prefix) else { return false }
            // Numbers, and the letters by which systemd tells domain, slot, function, port and VLAN apart.
            let rest = name.utf8.dropFirst(prefix.utf8.count)
            return rest.first.map { $0.isDigit } ?? false
                && rest.allSatisfy { $0.isDigit || "psfdnv.".utf8.contains($0) }
        }
    }

    /// Whether a device is named as the kernel names it: a driver's letters, then a letter or a number each.
    static func isUsualDevice(_ name: String) -> Bool {
        let drivers = [
            "sd", "vd", "xvd", "hd", "nvme", "dm-", "md", "mmcblk", "loop", "sr", "zram", "nbd", "rbd", "drbd",
            "bcache",
            "ram", "fd", "zd", "pmem", "dasd",
        ]
        return drivers.contains { driver in
            guard name.hasPrefix(driver) else { return false }
            let rest = name.utf8.dropFirst(driver.utf8.count)
            let letters = rest.prefix { !$0.isDigit }
            return letters.count < 4
                && rest.dropFirst(letters.count).allSatisfy { $0.isDigit || "np".utf8.contains($0) }
        }
    }
}
