/// Reads a whole number within a range, for `@Option(transform:)`; what is not one is refused with what was expected.
///
/// Only decimal digits count: no sign, no space, no separator.
public func wholeNumber(_ range: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
    { text in
        guard let number = WholeNumber.read(text), range.contains(number) else {
            throw Refusal("a whole number from \(range.lowerBound) to \(range.upperBound) is expected")
        }
        return number
    }
}

/// Decimal digits and nothing else.
public enum WholeNumber {
    /// Nil when `text` is empty, holds anything but the digits 0–9, or is too large for an `Int`.
    public static func read(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
