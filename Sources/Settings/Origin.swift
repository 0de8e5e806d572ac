import Basics

/// Where a setting's value came from.
package enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// The declaration itself.
    case byDefault
    case file(String, line: Int, column: Int)
    case environment(String)
    /// The path given to `--set`.
    case commandLine(String)
    case label(String, container: String)

    /// `custos.yaml:12:5`, `CUSTOS_DISK__WARNING`, `--set disk.warning`, `label custos.x on container web`.
    package var description: String {
        switch self {
        case .byDefault: "default"
        case .file(let name, let line, let column): "\(name.safe(limit: 512)):\(line):\(column)"
        case .environment(let name): name.safe(limit: 256)
        case .commandLine(""): "--set"
        case .commandLine(let path): "--set \(path.safe(limit: 256))"
        case .label(let name, let container):
            "label \(name.safe(limit: 256)) on container \(container.safe(limit: 128))"
        }
    }
}
