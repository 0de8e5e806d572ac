import Glibc

/// The process's environment.
enum Environment {
    static func current() -> [String: String] {
        var values: [String: String] = [:]
        var place = environ
        while let entry = place.pointee {
            let text = String(cString: entry)
            if let sign = text.firstIndex(of: "=") {
                values[String(text[..<sign])] = String(text[text.index(after: sign)...])
            }
            place += 1
        }
        return values
    }
}
