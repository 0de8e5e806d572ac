import CCurl

/// One libcurl easy handle and the memory it points into, freed exactly once.
///
/// A refused option is remembered in `failure` rather than thrown, so that a list of options reads as a list.
struct CurlHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    /// The first option that libcurl refused.
    private(set) var failure: CURLcode = CURLE_OK
    private var fields: UnsafeMutablePointer<curl_slist>?
    private let text: UnsafeMutablePointer<CChar>

    /// Nil when libcurl has no memory or could not be set up.
    init?() {
        guard CurlLibrary.isReady, let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        text = .allocate(capacity: Int(CURL_ERROR_SIZE))
        text.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        note(custos_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, text))
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(fields)
        text.deallocate()
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(custos_curl_set_long(pointer, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: Bool) {
        note(custos_curl_set_long(pointer, option, value ? 1 : 0))
    }

    /// libcurl keeps a copy; nil leaves the option as it is.
    mutating func set(_ option: CURLoption, _ value: String?) {
        guard let value else { return }
        note(custos_curl_set_string(pointer, option, value))
    }

    /// In milliseconds; never the 0 by which libcurl means "no limit".
    mutating func set(_ option: CURLoption, milliseconds: Int64) {
        note(custos_curl_set_long(pointer, option, Int(min(max(milliseconds, 1), Int64(Int32.max)))))
    }

    mutating func set(_ option: CURLoption, context: UnsafeMutableRawPointer) {
        note(custos_curl_set_pointer(pointer, option, context))
    }

    mutating func set(_ option: CURLoption, receiver: @escaping curl_write_callback) {
        note(custos_curl_set_receiver(pointer, option, receiver))
    }

    /// The request's body, which libcurl copies.
    mutating func setBody(_ body: [UInt8]) {
        note(custos_curl_set_size(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        note(
            body.withUnsafeBytes { bytes in
                custos_curl_set_pointer(
                    pointer,
                    CURLOPT_COPYPOSTFIELDS,
                    // An empty array has no address, and a null pointer would make libcurl ask for a body.
                    UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? UnsafeMutableRawPointer(text)
                )
            }
        )
    }

    /// Adds one line to what is sent as header.
    mutating func addField(_ line: String) {
        guard let grown = curl_slist_append(fields, line) else {
            note(CURLE_OUT_OF_MEMORY)
            return
        }
        fields = grown
        note(custos_curl_set_pointer(pointer, CURLOPT_HTTPHEADER, grown))
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return custos_curl_get_long(pointer, info, &value) == CURLE_OK ? value : 0
    }

    func size(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return custos_curl_get_size(pointer, info, &value) == CURLE_OK ? Int64(value) : 0
    }

    /// What libcurl wrote about an error, or else the code's general meaning.
    func message(for code: CURLcode) -> String {
        text[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: text)
    }

    private mutating func note(_ code: CURLcode) {
        if failure == CURLE_OK { failure = code }
    }
}

/// libcurl's own state, set up once per process.
enum CurlLibrary {
    static let isReady = custos_curl_global_init() == CURLE_OK
}
