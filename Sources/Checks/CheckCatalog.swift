/// Every kind of check, in alphabetical order: a new check is one line here.
package enum CheckCatalog {
    package static let all: [any Check.Type] = [
        DockerCheck.self,
        FilefdCheck.self,
        NeighCheck.self,
        SockstatCheck.self,
        UptimeCheck.self,
    ]
}
