package import Settings

/// Where chronyd is asked how it follows its sources.
package enum ChronyPlace: Hashable, Sendable, SettingValue {
    /// On the host's loopback where we are in its network, else at its socket where we may write beside it.
    case auto
    case off
    case network(Endpoint)
    case socket(Path)

    package static var typeName: String { "`auto` `off` host[:port] path" }
    package static var expectation: String {
        "auto, off, a host such as 127.0.0.1:323, or the path of chronyd's socket"
    }
    package static var acceptsLabel: Bool { false }

    package var settingText: String {
        switch self {
        case .auto: "auto"
        case .off: "off"
        case .network(let endpoint): endpoint.settingText
        case .socket(let path): path.settingText
        }
    }

    package init(setting text: String) throws(Mismatch) {
        do throws(Mismatch) {
            switch text.lowercased() {
            case "auto": self = .auto
            case "off", "none": self = .off
            default:
                self = text.hasPrefix("/") ? .socket(try Path(setting: text)) : .network(try Endpoint(setting: text))
            }
        } catch {
            throw Mismatch(Self.expectation)
        }
    }
}
