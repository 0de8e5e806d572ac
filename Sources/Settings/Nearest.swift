/// Finds what somebody probably meant.
package enum Nearest {
    /// The candidate with the fewest edits, if they are few for the word's length.
    package static func match(_ word: String, _ candidates: some Sequence<String>) -> String? {
        let wanted = Array(word.utf8.prefix(128))
        let limit = max(1, min(3, wanted.count / 3))
        var best: (distance: Int, text: String)?
        for candidate in candidates where abs(candidate.utf8.count - wanted.count) <= limit {
            let distance = distance(wanted, Array(candidate.utf8))
            if distance <= limit, best.map({ (distance, candidate) < $0 }) ?? true { best = (distance, candidate) }
        }
        return best?.text
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                var cost = min(last[column + 1] + 1, current[column] + 1)
                cost = min(cost, last[column] + (left[row] == right[column] ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
