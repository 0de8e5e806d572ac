/// Every kind of check, in alphabetical order: a new check is one line here.
package enum CheckCatalog {
    package static let all: [any Check.Type] = [
        ConntrackCheck.self,
        CPUCheck.self,
        DiskCheck.self,
        DiskioCheck.self,
        DockerCheck.self,
        FilefdCheck.self,
        HostidentCheck.self,
        IostuckCheck.self,
        MemCheck.self,
        MountCheck.self,
        NeighCheck.self,
        NetifCheck.self,
        OOMCheck.self,
        PidsCheck.self,
        PressureCheck.self,
        ProcfdCheck.self,
        ProcnumCheck.self,
        SecmodCheck.self,
        SockstatCheck.self,
        SysctlCheck.self,
        TcpstateCheck.self,
        UptimeCheck.self,
        ZombieCheck.self,
    ]
}
