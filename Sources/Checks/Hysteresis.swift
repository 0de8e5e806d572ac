import Alerting
import Settings

extension Rule.Shape {
    /// Above a share; what fires clears when the share is less than its threshold by more than `hysteresis`.
    ///
    /// Half of the least threshold at most, so that every threshold can clear.
    static func share(above warning: Percent?, _ critical: Percent?, hysteresis: Percent) -> Rule.Shape {
        let least = [warning, critical].compactMap(\.self).min()?.ratio ?? 0
        return .above(
            warning: warning?.ratio,
            critical: critical?.ratio,
            hysteresis: min(hysteresis.ratio, least / 2)
        )
    }
}
