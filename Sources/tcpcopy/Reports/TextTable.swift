/// Labels with columns of numbers: labels to the left, numbers to the right, two spaces between.
struct TextTable {
    private var rows: [[String]] = []

    mutating func add(_ label: String, _ cells: String...) { rows.append([label] + cells) }

    mutating func add(_ label: String, _ numbers: [Int]) { rows.append([label] + numbers.map(\.grouped)) }

    /// One line a row, without spaces at its end.
    var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column > 0 ? space + cell : row.count > 1 ? cell + space : cell
            }.joined(separator: "  ")
        }
    }
}

extension Int {
    /// With a comma after each three digits: `1,234,567`.
    var grouped: String {
        let digits = Array(String(magnitude))
        let groups = stride(from: digits.count, to: 0, by: -3).map { String(digits[Swift.max(0, $0 - 3)..<$0]) }
        return (self < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
    }
}
