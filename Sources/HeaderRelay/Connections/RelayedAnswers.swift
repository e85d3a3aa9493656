import Wire

/// The answers of UDP that arrived together, to be taken one by one: `while let answer = answers.next()`.
///
/// Those that are not taken are dropped when the call that lent the batch returns.
public struct RelayedAnswers: ~Copyable {
    private(set) var decoder: RelayDecoder
    private(set) var fault: RelayFault?
    /// Answers taken so far.
    private(set) var count = 0

    init(_ decoder: RelayDecoder) { self.decoder = decoder }

    /// The next answer; its flow goes from target endpoint to replay client. Nil after the last.
    public mutating func next() -> DatagramHeader? {
        guard fault == nil else { return nil }
        do {
            guard let answer = try decoder.nextAnswer() else { return nil }
            count += 1
            return answer
        } catch {
            fault = error
            return nil
        }
    }
}
