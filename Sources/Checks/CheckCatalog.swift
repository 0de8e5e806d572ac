/// Every kind of check, in alphabetical order: a new check is one line here.
package enum CheckCatalog {
    package static let all: [any Check.Type] = [
        ConntrackCheck.self,
        CPUCheck.self,
        DiskCheck.self,
        DockerCheck.self,
        FilefdCheck.self,
        MemCheck.self,
        NeighCheck.self,
        NTPCheck.self,
        SockstatCheck.self,
        SystemdCheck.self,
        UptimeCheck.self,
    ]
}
