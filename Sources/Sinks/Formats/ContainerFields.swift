import Alerting

/// The container that an event is about, in the parts that other vocabularies name.
struct ContainerFields {
    var id: String?
    var name: String?
    /// Without tag and digest.
    var image: String?
    var tag: String?

    /// Nil where the event is not about a container.
    init?(_ event: Event) {
        guard event.checkKind == "docker" else { return nil }
        id = event.annotations["container_id"]
        name = event.labels["container"]
        if let reference = event.labels["image"] ?? event.annotations["image"] {
            let named = reference.prefix { $0 != "@" }
            // A colon before the last slash is a registry's port.
            let start = named.lastIndex(of: "/") ?? named.startIndex
            let colon = named[start...].lastIndex(of: ":")
            image = String(named[..<(colon ?? named.endIndex)])
            tag = colon.map { String(named[named.index(after: $0)...]) }
        }
        if id == nil, name == nil, image == nil { return nil }
    }
}
