import TestSupport
import Testing

@testable import Procfs

@Suite struct UserTableTests {
    @Test func theHostsUsersAreRead() throws {
        let users = try HostFixture().host.users()
        #expect(users.numbers == ["root": 0, "daemon": 1, "www-data": 33, "sshd": 101])
    }

    @Test func whatIsNoUserIsPassedOver() throws {
        let users = try UserTable(parsing: "+::::::\n#x\n\na:x:5:5::/:/bin/sh\na:x:6:6::/:/bin/sh\nb:x:-1:0:")
        #expect(users.numbers == ["a": 5])
    }

    @Test(arguments: ["", "\n", "x\n", "a:x\n"])
    func aFileWithoutUsersIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try UserTable(parsing: text) }
    }
}
