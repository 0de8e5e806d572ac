import Fuzzing
import Glibc

// What libFuzzer, which brings `main`, calls: `fuzz PARSER [OPTION OF LIBFUZZER…] [FOLDER|FILE…]`. A folder gets the
// inputs that cover something new, a file is run alone; without a name the parsers are listed.
// <https://llvm.org/docs/LibFuzzer.html>

/// The parser to run: chosen before anything runs, and never again.
nonisolated(unsafe) private var chosen: Parser?

/// Takes the parser's name out of the arguments and puts its seeds in its place.
@_cdecl("LLVMFuzzerInitialize")
func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    guard count.pointee > 1, let name = words.pointee[1] else {
        for parser in Parser.all { print(parser.name) }
        exit(0)
    }
    chosen = Parser.all.first { $0.name == String(cString: name) }
    guard let chosen else {
        print("there is no parser \(String(cString: name))")
        exit(64)
    }
    words.pointee[1] = strdup("-seed_inputs=" + chosen.seeds.joined(separator: ","))
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = unsafe chosen?.run(UnsafeRawBufferPointer(start: start, count: count).bytes)
    return 0
}
