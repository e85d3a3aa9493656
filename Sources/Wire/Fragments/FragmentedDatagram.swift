/// What has come of one fragmented datagram.
struct FragmentedDatagram {
    /// A fragment's place, and where its captured bytes lie in `bytes`.
    struct Piece {
        var offset: Int32
        var length: Int32
        var position: Int32
        var captured: Int32

        var end: Int32 { offset + length }
    }

    enum Outcome: Equatable {
        case incomplete
        case whole
        /// Just this fragment has come before.
        case repeated
        /// It covers bytes that another one has brought, or contradicts it about where the datagram ends.
        case overlapping
    }

    let key: IPFragment.Datagram
    let since: Int64
    /// Without gaps or overlaps, in the order of their offsets. Empty once the datagram is done with.
    private(set) var pieces: [Piece] = []
    private var bytes: [UInt8] = []
    /// The headers of the first fragment (RFC 8200: the others' may differ, and are not looked at).
    private var header: [UInt8] = []
    private var transport: UInt8 = 0
    private var transportAt = 0
    /// Of the payload, known from the last fragment.
    private var length: Int32?
    private var received: Int32 = 0
    private(set) var isDone = false
    private(set) var isRefused = false

    /// 65,535 bytes in pieces of 48, for the smallest MTU that IPv4 knows.
    private static let pieceLimit = 1366

    init(_ key: IPFragment.Datagram, since: Int64) {
        self.key = key
        self.since = since
    }

    /// Memory that it holds.
    var byteCount: Int { bytes.count + header.count + pieces.count * MemoryLayout<Piece>.stride }

    /// Memory that it would hold more of with `fragment`.
    static func cost(of fragment: borrowing IPFragment) -> Int {
        fragment.payload.byteCount + fragment.header.byteCount + MemoryLayout<Piece>.stride
    }

    mutating func add(_ fragment: borrowing IPFragment) -> Outcome {
        var piece = Piece(
            offset: Int32(fragment.offset), length: Int32(fragment.length), position: Int32(bytes.count),
            captured: Int32(fragment.payload.byteCount))
        let index = pieces.partition { $0.offset >= piece.offset }
        if index < pieces.count, pieces[index].offset == piece.offset, pieces[index].length == piece.length {
            return isRepetition(fragment, of: pieces[index]) ? .repeated : .overlapping
        }
        let isFree =
            (index == 0 || pieces[index - 1].end <= piece.offset)
            && (index == pieces.count || piece.end <= pieces[index].offset)
        let isLastInPlace = fragment.isLast ? length == nil && index == pieces.count : piece.end <= length ?? .max
        guard isFree, isLastInPlace, pieces.count < Self.pieceLimit else { return .overlapping }
        if fragment.isLast { length = piece.end }
        if piece.offset == 0 { take(headerOf: fragment) }
        piece.position = Int32(bytes.count)
        bytes.append(copying: fragment.payload)
        pieces.insert(piece, at: index)
        received += piece.length
        return received == length ? .whole : .incomplete
    }

    private mutating func take(headerOf fragment: borrowing IPFragment) {
        header = Array(copying: fragment.header)
        transport = fragment.transport
        transportAt = fragment.transportAt
    }

    private func isRepetition(_ fragment: borrowing IPFragment, of piece: Piece) -> Bool {
        guard fragment.isLast == (piece.end == length) else { return false }
        let count = min(Int(piece.captured), fragment.payload.byteCount)
        return (0..<count).allSatisfy { bytes[Int(piece.position) + $0] == fragment.payload.byte(at: $0) }
    }

    /// Writes the whole datagram as one packet, up to the first byte that the snapshot length cut, into `packet`.
    ///
    /// - Returns: its length on the wire.
    func write(to packet: inout [UInt8]) -> Int {
        packet.removeAll(keepingCapacity: true)
        packet.append(copying: header.rawSpan)
        let total = header.count + Int(received)
        packet[transportAt] = transport
        if key.source.isIPv4 {
            packet.store(UInt16(truncatingIfNeeded: total), at: 2)
            packet.store(0, at: 6)
        } else {
            packet.store(UInt16(truncatingIfNeeded: total - 40), at: 4)
        }
        for piece in pieces {
            let start = Int(piece.position)
            packet.append(copying: bytes.rawSpan.extracting(start..<start + Int(piece.captured)))
            guard piece.captured == piece.length else { break }
        }
        return total
    }

    /// Gives its memory back. What else comes of it is known for what it is.
    mutating func finish(isRefused: Bool) {
        (pieces, bytes, header) = ([], [], [])
        self.isRefused = isRefused
        isDone = true
    }
}

extension [FragmentedDatagram.Piece] {
    /// The first index from which on all fulfil `condition`, which those before do not.
    fileprivate func partition(where condition: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension [UInt8] {
    fileprivate mutating func append(copying source: RawSpan) {
        let start = count
        append(contentsOf: repeatElement(0, count: source.byteCount))
        var span = mutableRawSpan
        span.copy(source, to: start)
    }

    fileprivate mutating func store(_ number: UInt16, at offset: Int) {
        self[offset] = UInt8(number >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: number)
    }
}
