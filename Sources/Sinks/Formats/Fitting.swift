import Alerting

/// What a writer makes of an event, within a size.
enum Fitting {
    /// Writes the event whole if that is short enough, otherwise with its longest texts cut, harder each time.
    ///
    /// - Parameters:
    ///   - event: What is written.
    ///   - limit: The most bytes.
    ///   - size: How many bytes a result has.
    ///   - write: Makes the result; is told whether the event was cut.
    /// - Returns: The first result that fits, or the last attempt.
    static func fit<Result>(
        _ event: Event,
        limit: Int,
        size: (Result) -> Int,
        write: (Event, _ truncated: Bool) -> Result
    ) -> Result {
        let whole = write(event, false)
        guard size(whole) > limit else { return whole }
        var shorter = event
        for textLimit in [4096, 2048, 1024, 512, 256, 64] {
            shorter.cut(texts: textLimit)
            let result = write(shorter, true)
            if size(result) <= limit { return result }
        }
        shorter.annotations = [:]
        let result = write(shorter, true)
        if size(result) <= limit { return result }
        shorter.labels = [:]
        return write(shorter, true)
    }
}

extension Event {
    /// Shortens every text from outside to `limit` bytes.
    fileprivate mutating func cut(texts limit: Int) {
        func cut(_ text: String) -> String { text.utf8.count > limit ? text.prefixOfUTF8(limit) + "…" : text }
        func cut(_ map: [String: String]) -> [String: String] {
            Dictionary(map.map { (cut($0.key), cut($0.value)) }) { first, _ in first }
        }
        summary = cut(summary)
        state = state.map(cut)
        threshold = threshold.map(cut)
        runbook = runbook.map(cut)
        target = target.map { $0.utf8.count > 1024 ? cut($0) : $0 }
        annotations = cut(annotations)
        labels = cut(labels)
    }
}

extension String {
    /// At most `limit` bytes, cut at a scalar's border.
    fileprivate func prefixOfUTF8(_ limit: Int) -> String {
        var result = String.UnicodeScalarView()
        var size = 0
        for scalar in unicodeScalars {
            size += UTF8.width(scalar)
            guard size <= limit else { break }
            result.append(scalar)
        }
        return String(result)
    }
}
