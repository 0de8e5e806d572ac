import Basics

/// The pause that the engine makes before it starts a container again: 100 ms, twice as long each time, at most a minute; after
/// a run of ten seconds it begins anew.
///
/// The engine tells nobody; this is its rule: <https://github.com/moby/moby/blob/master/restartmanager/restartmanager.go>.
struct BackOff: Sendable, Equatable {
    /// The last one; nil where runs went unseen.
    private(set) var pause: Duration?

    private static let first = Duration.milliseconds(100)
    private static let longest = Duration.seconds(60)
    /// A run that lasts this long ends the story of those before.
    private static let calm = Duration.seconds(10)

    /// For a container that the engine has started again so often since somebody last did.
    init(afterRestarts count: Int = 0) {
        pause = count == 0 ? .zero : nil
    }

    /// The next one, after a run that lasted so long.
    mutating func grow(after span: Duration?) {
        if let span, span >= Self.calm { pause = .zero }
        pause = pause.map { $0 == .zero ? Self.first : min($0 * 2, Self.longest) }
    }
}
