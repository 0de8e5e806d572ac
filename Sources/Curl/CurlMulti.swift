import Basics
import CCurl

/// One libcurl multi handle: the connections that transfers share, and the wait for all of them at once.
///
/// `@unchecked Sendable` holds because only the loop's thread calls anything here except `wakeUp`, which libcurl
/// allows from every thread (curl_multi_wakeup(3)), and because the handle lives as long as the last reference.
final class CurlMulti: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer

    /// Nil when libcurl has no memory or could not be set up.
    init?() {
        guard CurlLibrary.isReady, let pointer = curl_multi_init() else { return nil }
        self.pointer = pointer
        // Kept connections cost memory each; a daemon speaks to an engine and a few receivers.
        custos_curl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, 8)
    }

    deinit { curl_multi_cleanup(pointer) }

    func add(_ handle: borrowing CurlHandle) -> Bool { curl_multi_add_handle(pointer, handle.pointer) == CURLM_OK }

    func remove(_ handle: borrowing CurlHandle) { curl_multi_remove_handle(pointer, handle.pointer) }

    /// Does all that can be done without waiting; false when the multi handle is broken.
    func perform() -> Bool {
        var running: Int32 = 0
        return curl_multi_perform(pointer, &running) == CURLM_OK
    }

    /// The next easy handle that ended, and how.
    func nextEnd() -> (handle: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(pointer, &left) {
            if message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle {
                return (handle, message.pointee.data.result)
            }
        }
        return nil
    }

    /// Blocks until a socket has news, a timer of libcurl's is due, `wakeUp` was called, or the time is over.
    func wait(atMost span: Duration) {
        curl_multi_poll(pointer, nil, 0, Int32(clamping: max(0, span.wholeMilliseconds)), nil)
    }

    /// Ends the present or the next `wait`.
    func wakeUp() { curl_multi_wakeup(pointer) }
}
