import Settings
import Testing

@testable import Checks

@Suite struct ParameterExpectationTests {
    @Test(
        "a value is compared as asked",
        arguments: [
            ("vm.swappiness <= 10", "10", true), ("vm.swappiness le 10", "60", false),
            ("vm.swappiness < 10", "10", false), ("vm.swappiness lt 10", "9", true),
            ("net.core.somaxconn >= 65535", "4096", false), ("net.core.somaxconn ge 4096", "4096", true),
            ("vm.a > 18446744073709551614", "18446744073709551615", true), ("vm.a gt -1", "0", true),
            ("vm.a >= 0.5", "0.75", true), ("vm.a >= 1", "0.75", false), ("vm.a = 1", "1", true),
            ("vm.a eq 1", "2", false),
            ("vm.a == cubic", "cubic", true), ("vm.a != cubic", "bbr", true), ("vm.a ne cubic", "cubic", false),
            ("vm.a = 01", "1", true), ("vm.a = 4096 131072 6291456", "4096 131072 6291456", true),
            ("vm.a = 4096 * 6291456", "4096 1 6291456", true), ("vm.a = 4096 131072", "4096 131072 6291456", false),
            ("vm.a <= 32768 *", "1024 65535", true), ("vm.a <= 32768 60000", "1024 65535", false),
            ("vm.a != 1 2", "1 2", false), ("vm.a >= 1", "cubic", false), ("vm.a >= 1", "", false),
        ]
    )
    func comparing(text: String, value: String, holds: Bool) throws {
        let expectation = try ParameterExpectation(setting: text)
        let values = value.split(separator: " ").map(String.init)
        #expect((expectation.deviation(of: values) == nil) == holds)
        #expect(try ParameterExpectation(setting: expectation.settingText) == expectation)
    }

    @Test func aDeviationSaysWhatIsThereAndWhatShouldBe() throws {
        let some = try ParameterExpectation(setting: "vm.swappiness <= 10")
        #expect(some.deviation(of: ["60"]) == "is 60, expected <= 10")
        #expect(some.deviation(of: ["x"]) == "is x, expected <= 10: not a number")
        #expect(some.deviation(of: ["1", "2"]) == "is 1 2, expected <= 10: 2 values, not 1")
        #expect(some.deviation(of: []) == "is empty, expected <= 10: 0 values, not 1")
    }

    @Test(arguments: [
        "", "vm.swappiness", "vm.swappiness 10", "vm.swappiness ~ 10", "vm <= 10", "vm.a >= cubic", "vm.a = \u{1B}",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: Mismatch.self) { try ParameterExpectation(setting: text) }
    }
}
