import Basics

/// One request's content: what a format makes of a delivery.
struct Payload: Sendable, Equatable {
    var contentType = "application/json"
    var body: [UInt8]

    init(_ json: JSON) {
        body = json.utf8
    }

    init(contentType: String, body: [UInt8]) {
        self.contentType = contentType
        self.body = body
    }
}
