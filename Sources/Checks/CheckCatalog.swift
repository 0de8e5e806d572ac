/// Every kind of check, in alphabetical order: a new check is one line here.
package enum CheckCatalog {
    package static let all: [any Check.Type] = [
        ConntrackCheck.self,
        CPUCheck.self,
        DiskCheck.self,
        DockerCheck.self,
        FilefdCheck.self,
        IostuckCheck.self,
        MemCheck.self,
        NeighCheck.self,
        NetifCheck.self,
        OOMCheck.self,
        PidsCheck.self,
        ProcfdCheck.self,
        ProcnumCheck.self,
        SockstatCheck.self,
        TcpstateCheck.self,
        UptimeCheck.self,
        ZombieCheck.self,
    ]
}
