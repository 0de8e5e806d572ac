import FoundationEssentials
import Testing

@testable import Basics

struct JSONTests {
    @Test("control characters, quotes and DEL are escaped")
    func escaping() {
        #expect(JSON.string("a\"b\\c\n\r\t\u{1}\u{1B}[31m\u{7F}é").text == #""a\"b\\c\n\r\t\u0001\u001b[31m\u007fé""#)
    }

    @Test("whatever a text holds, a decoder reads it back")
    func roundTrip() throws {
        for scalar in (0..<0x300).compactMap(Unicode.Scalar.init) {
            let text = "x\(Character(scalar))y"
            let decoded = try JSONDecoder().decode([String].self, from: Data(JSON.array([.string(text)]).utf8))
            #expect(decoded == [text])
        }
    }

    @Test(
        "numbers are valid JSON",
        arguments: [
            (JSON.number(.nan), "null"), (.number(.infinity), "null"), (.number(3), "3"), (.number(0.91), "0.91"),
            (.number(1e300), "1e+300"), (.integer(.min), "-9223372036854775808"), (.number(-0.5), "-0.5"),
        ]
    )
    func numbers(value: JSON, text: String) {
        #expect(value.text == text)
    }

    @Test("objects keep their order, maps are sorted")
    func order() {
        let object: JSON = ["b": 1, "a": [true, nil, "x"]]
        #expect(object.text == #"{"b":1,"a":[true,null,"x"]}"#)
        #expect(JSON.map(["b": "2", "a": "1"]).text == #"{"a":"1","b":"2"}"#)
    }
}
