import Basics
import Settings
import Testing

/// The text a value is written back as, or nil when it is refused.
private func round<Value: SettingValue>(_ type: Value.Type, _ text: String) -> String? {
    (try? Value(setting: text))?.settingText
}

@Suite struct SettingValueTests {
    @Test(
        "a boolean has eight spellings",
        arguments: [
            ("true", "true"), ("YES", "true"), ("on", "true"), ("1", "true"), ("false", "false"), ("No", "false"),
            ("off", "false"), ("0", "false"), ("", nil), ("2", nil), ("maybe", nil), (" true", nil),
        ] as [(String, String?)]
    )
    func boolean(_ text: String, _ expected: String?) {
        #expect(round(Bool.self, text) == expected)
    }

    @Test(
        "numbers are decimal and finite",
        arguments: [
            ("12", "12", "12"), ("-3", "-3", "-3"), ("0644", "644", "644"), ("1.5", nil, "1.5"), ("1e3", nil, "1000"),
            ("", nil, nil), ("nan", nil, nil), ("inf", nil, nil), ("99999999999999999999", nil, "1e+20"),
            ("12x", nil, nil),
        ] as [(String, String?, String?)]
    )
    func numbers(_ text: String, _ whole: String?, _ real: String?) {
        #expect(round(Int.self, text) == whole)
        #expect(round(Double.self, text) == real)
    }

    @Test(
        "a duration adds its parts and needs units",
        arguments: [
            ("1m30s", "1m30s"), ("90s", "1m30s"), ("2h", "2h"), ("3d", "3d"), ("1w", "7d"), ("500ms", "500ms"),
            ("0", "0s"), ("10", nil), ("-5s", nil), ("s", nil), ("", nil), ("1y", nil), ("1 h", nil),
        ] as [(String, String?)]
    )
    func duration(_ text: String, _ expected: String?) {
        #expect(round(Duration.self, text) == expected)
    }

    @Test(
        "a size is written with decimal or binary units",
        arguments: [
            ("512Ki", "512KiB"), ("512KiB", "512KiB"), ("10MB", "10MB"), ("10M", "10MB"), ("1k", "1kB"), ("1K", "1kB"),
            ("1.5GiB", "1536MiB"), ("100", "100B"), ("100B", "100B"), ("2 TiB", "2TiB"), ("0", "0B"), ("-1", nil),
            ("10X", nil), ("", nil), ("B", nil), ("99999999TiB", nil), ("1e5", nil),
        ] as [(String, String?)]
    )
    func byteCount(_ text: String, _ expected: String?) {
        #expect(round(ByteCount.self, text) == expected)
    }

    @Test(
        "a percentage needs no sign",
        arguments: [
            ("85%", "85%"), ("85", "85%"), ("0.5%", "0.5%"), ("85 %", "85%"), ("-1", nil), ("%", nil), ("", nil),
            ("85%%", nil), ("inf", nil),
        ] as [(String, String?)]
    )
    func percent(_ text: String, _ expected: String?) {
        #expect(round(Percent.self, text) == expected)
    }

    @Test func `a percentage knows its ratio`() throws {
        #expect(try Percent(setting: "85%").ratio == 0.85)
    }

    @Test(
        "an address is a whole http or https URL",
        arguments: [
            ("http://a", "a", 80), ("HTTPS://a.example/x?y=1", "a.example", 443), ("http://u:p@a:8080/", "a", 8080),
            ("http://[::1]:9/", "::1", 9), ("ftp://a", nil, 0), ("a.example", nil, 0), ("http://", nil, 0),
            ("http:///x", nil, 0), ("http://a b", nil, 0), ("http://a:99999", nil, 0), ("http://a/\u{1}", nil, 0),
            ("http://ä", nil, 0), ("http://[::1", nil, 0), ("http://a/<script>", nil, 0), ("", nil, 0),
        ] as [(String, String?, Int)]
    )
    func address(_ text: String, _ host: String?, _ port: Int) {
        let address = try? HTTPAddress(setting: text)
        #expect(address?.host == host)
        #expect(address?.port ?? 0 == port)
        #expect(address?.settingText ?? text == text)
    }

    @Test func `an address hides credentials and query values when shown`() throws {
        let address = try HTTPAddress(setting: "https://bob:hunter2@example.org:8443/a/b?token=hunter2&x#hunter2")
        #expect(address.description == "https://***@example.org:8443/a/b?token=***&***")
        #expect(!"\(address)".contains("hunter2"))
        #expect(!String(reflecting: address).contains("hunter2"))
        #expect(address.credentials?.reveal() == "bob:hunter2")
    }

    @Test(
        "a host and port needs the port",
        arguments: [
            ("127.0.0.1:9797", "127.0.0.1:9797"), ("[::1]:80", "[::1]:80"), (":9797", ":9797"), ("localhost", nil),
            ("a:b", nil), ("a:70000", nil), ("::1:80", nil), ("", nil), ("a:", nil),
        ] as [(String, String?)]
    )
    func hostPort(_ text: String, _ expected: String?) {
        #expect(round(HostPort.self, text) == expected)
    }

    @Test(
        "a pattern has closed brackets",
        arguments: [
            ("a+b", true), ("^(x|y)$", true), ("[]a]", true), ("[^]a]", true), ("\\(", true), ("[(]", true),
            ("\\Q(\\E", true),
            ("(", false), (")", false), ("[a", false), ("a\\", false), ("", false), ("(a))", false),
        ]
    )
    func pattern(_ text: String, _ isValid: Bool) {
        #expect((round(Pattern.self, text) == text) == isValid)
    }

    @Test(
        "globs, paths and secrets are not empty",
        arguments: [("web-*", true, true), ("[", false, true), ("", false, false), ("a\0", true, false)]
    )
    func texts(_ text: String, _ isGlob: Bool, _ isPath: Bool) {
        #expect((round(Glob.self, text) == text) == isGlob)
        #expect((round(Path.self, text) == text) == isPath)
        #expect((round(Secret.self, text) == text) == isPath)
    }

    @Test(
        "a choice ignores case and takes a dash for an underscore",
        arguments: [("get", "get"), ("HEAD", "head"), ("post_form", "post-form"), ("put", nil), ("", nil)]
            as [(String, String?)]
    )
    func choice(_ text: String, _ expected: String?) {
        #expect(round(Sample.Method.self, text) == expected)
    }

    @Test(
        "off, none and null leave an optional out",
        arguments: [
            (.text("off"), "off"), (.text("None"), "off"), (.text("null"), "off"), (.null, "off"), (.text("80"), "80%"),
            (.text("x"), nil), (.list([]), nil),
        ] as [(RawSetting, String?)]
    )
    func optional(_ raw: RawSetting, _ expected: String?) {
        var text: String?
        do throws(Mismatch) {
            text = try Percent?.read(raw).settingText
        } catch {
            #expect(error.expected.hasSuffix(", or off"))
        }
        #expect(text == expected)
    }

    @Test func `an optional boolean keeps off as its false`() throws {
        #expect(try Bool?.read(.text("off")) == false)
        #expect(try Bool?.read(.text("none")) == nil)
    }

    @Test(
        "a list is text between commas or a YAML list",
        arguments: [
            (.text("a,b"), ["a", "b"]), (.text(" a , b "), ["a", "b"]), (.text("a\\,b,c"), ["a,b", "c"]),
            (.text(""), []),
            (.text("\\d+,x"), ["\\d+", "x"]), (.list([.text("a,b")]), ["a,b"]), (.list([]), []), (.null, nil),
            (.list([.list([])]), nil), (.map([]), nil),
        ] as [(RawSetting, [String]?)]
    )
    func list(_ raw: RawSetting, _ expected: [String]?) {
        #expect((try? [String].read(raw)) == expected)
    }

    @Test(
        "a map is pairs of text or a YAML map",
        arguments: [
            (.text("a=1,b=2"), ["a": "1", "b": "2"]), (.text("a=x=y"), ["a": "x=y"]), (.text(""), [:]),
            (.map([.init("a", .text("1"))]), ["a": "1"]), (.text("a"), nil), (.text("=1"), nil),
            (.text("a=1,a=2"), nil),
            (.list([]), nil), (.map([.init("a", .null)]), nil),
        ] as [(RawSetting, [String: String]?)]
    )
    func map(_ raw: RawSetting, _ expected: [String: String]?) {
        #expect((try? [String: String].read(raw)) == expected)
    }

    @Test func `lists and maps read their own text back`() throws {
        let list = ["a,b", "c"]
        #expect(try [String](setting: list.settingText) == list)
        let map = ["a": "1,2", "b": "x=y"]
        #expect(try [String: String](setting: map.settingText) == map)
    }

    @Test func `a secret is redacted within lists, maps and optionals`() throws {
        #expect(try Secret?(setting: "hunter2").shown == "<redacted>")
        #expect(try [Secret](setting: "hunter2,hunter3").shown == "<redacted>,<redacted>")
        #expect(try [String: Secret](setting: "Auth=hunter2").shown == "Auth=<redacted>")
    }
}
