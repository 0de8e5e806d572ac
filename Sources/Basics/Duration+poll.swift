extension Duration {
    /// In milliseconds as poll(2) takes them: rounded up, so that nobody wakes too early, and a minute at most.
    package var pollMilliseconds: Int32 {
        let parts = min(self, .seconds(60)).components
        return Int32(parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000) + 1
    }
}
