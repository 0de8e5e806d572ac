import Testing

@testable import Procfs

@Suite struct BootIDTests {
    @Test func theUUIDIsRead() throws {
        #expect(
            try BootID(parsing: "BE47A427-bbe4-4553-8096-fb238a711d1b\n").text == "be47a427-bbe4-4553-8096-fb238a711d1b"
        )
    }

    @Test(arguments: [
        "", "\n", "be47a427-bbe4-4553-8096-fb238a711d1\n", "be47a427xbbe4-4553-8096-fb238a711d1b\n",
        "ge47a427-bbe4-4553-8096-fb238a711d1b\n", "be47a427-bbe4-4553-8096-fb238a711d1b x\n",
        "be47a427-bbe4-4553-8096-fb238a711d1b",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try BootID(parsing: text) }
    }
}
