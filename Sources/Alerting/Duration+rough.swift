import Basics

extension Duration {
    /// As people say it: the two largest units, `2d4h`, `3m20s`.
    var rough: String {
        let size = abs(inSeconds)
        let grain: Double = size >= 86400 ? 3600 : size >= 3600 ? 60 : size >= 1 ? 1 : 0.001
        let rounded = (inSeconds / grain).rounded() * grain
        return Duration.milliseconds(Int64((min(max(rounded, -1e12), 1e12) * 1000).rounded())).text
    }
}
