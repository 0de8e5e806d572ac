import Basics

/// One thing wrong with the configuration, said once, in one line; never quotes a secret.
package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    package var origin: Origin

    /// The setting's dotted path, as far as it is known; may be empty.
    package var path: String

    /// What is wrong.
    package var message: String

    /// The nearest valid spelling, when one is near.
    package var nearest: String?

    /// What the operator can do about it.
    package var remedy: String?

    package init(
        _ origin: Origin,
        _ path: String,
        _ message: String,
        nearest: String? = nil,
        remedy: String? = nil
    ) {
        self.origin = origin
        self.path = path
        self.message = message
        self.nearest = nearest
        self.remedy = remedy
    }

    /// Whether it comes from the environment, where it is a warning (S32).
    package var isFromEnvironment: Bool {
        if case .environment = origin { true } else { false }
    }

    /// Whether Custos must refuse the configuration: what a file or the command line says wrong.
    ///
    /// The environment's mistakes are warnings (S32), and labels are written by people who are not the operator.
    package var isFatal: Bool {
        switch origin {
        case .file, .commandLine, .byDefault: true
        case .environment, .label: false
        }
    }

    /// One line: `custos.yaml:12:5: disk.warnning: unknown key, did you mean …?`.
    package var description: String {
        // Every other origin names the path itself.
        let place: String =
            switch origin {
            case .file, .byDefault: path.isEmpty ? "" : "\(path.safe(limit: 256)): "
            case .environment, .commandLine, .label: ""
            }
        var text = "\(origin): \(place)\(message)"
        if let nearest { text += ", did you mean `\(nearest)`?" }
        if let remedy { text += "; \(remedy)" }
        return text
    }
}
