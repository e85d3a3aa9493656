/// What a simulated client says to its server: a length, the length of the answer it wants, who asks, and filling that
/// tells its own place.
struct Request: Hashable {
    let session: UInt32
    let index: UInt32
    let length: Int
    let answerLength: Int

    static let headerLength = 16

    /// Where each byte differs from its neighbours, however the filling is shifted.
    private static let filling = (0..<70_000 as Range<UInt32>).map {
        UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 24)
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for number in [UInt32(length), UInt32(answerLength), session, index] {
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
        }
        let start = Int((session &* 31 &+ index) % 1_000)
        return bytes + Self.filling[start..<start + length - Self.headerLength]
    }

    /// Reads the request at a place in a stream; nil as long as it is not there whole.
    init?(_ stream: [UInt8], at start: Int) {
        guard stream.count >= start + Self.headerLength else { return nil }
        let numbers = (0..<4).map { field in
            (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(stream[start + 4 * field + $1]) }
        }
        guard stream.count >= start + Int(numbers[0]) else { return nil }
        self.init(
            session: numbers[2], index: numbers[3], length: max(Int(numbers[0]), Self.headerLength),
            answerLength: Int(numbers[1]))
    }

    init(session: UInt32, index: UInt32, length: Int, answerLength: Int) {
        self.session = session
        self.index = index
        self.length = length
        self.answerLength = answerLength
    }
}
