import Wire

/// The memory in which captured payload waits: blocks of one size, linked into chains, recycled and never given back.
///
/// Grows by slabs, so that growing copies nothing. Who appends sees to the limit.
struct PayloadPool: ~Copyable {
    static let blockSize = 2048
    static let none = UInt32.max
    private static let blocksPerSlab = 512

    private var slabs: [[UInt8]] = []
    /// For each block the next of its chain, or of the free list.
    private var links: [UInt32] = []
    private var firstFree = PayloadPool.none
    private var freeCount = 0
    private var reserved = 0

    /// Bytes in use, counted in whole blocks, and those reserved.
    var bytesInUse: Int { (links.count - freeCount) * Self.blockSize + reserved }

    /// Counts bytes that wait elsewhere.
    mutating func reserve(_ bytes: Int) { reserved += bytes }

    /// Bytes that were reserved wait no more.
    mutating func unreserve(_ bytes: Int) { reserved -= bytes }

    mutating func take() -> UInt32 {
        if firstFree == Self.none { grow() }
        let block = firstFree
        firstFree = links[Int(block)]
        links[Int(block)] = Self.none
        freeCount -= 1
        return block
    }

    mutating func giveBack(_ block: UInt32) {
        links[Int(block)] = firstFree
        firstFree = block
        freeCount += 1
    }

    func next(after block: UInt32) -> UInt32 { links[Int(block)] }

    mutating func link(_ block: UInt32, to next: UInt32) { links[Int(block)] = next }

    mutating func write(_ bytes: RawSpan, to block: UInt32, at offset: Int) {
        let (slab, start) = Self.place(of: block)
        var span = slabs[slab].mutableRawSpan
        span.copy(bytes, to: start + offset)
    }

    func append(_ range: Range<Int>, of block: UInt32, to batch: inout PacketBatch) {
        let (slab, start) = Self.place(of: block)
        let bytes = slabs[slab]
        batch.append(bytes.rawSpan.extracting(start + range.lowerBound..<start + range.upperBound))
    }

    private static func place(of block: UInt32) -> (slab: Int, offset: Int) {
        (Int(block) / blocksPerSlab, Int(block) % blocksPerSlab * blockSize)
    }

    private mutating func grow() {
        let first = links.count
        slabs.append([UInt8](repeating: 0, count: Self.blocksPerSlab * Self.blockSize))
        for index in first..<first + Self.blocksPerSlab {
            links.append(index + 1 < first + Self.blocksPerSlab ? UInt32(index + 1) : Self.none)
        }
        firstFree = UInt32(first)
        freeCount += Self.blocksPerSlab
    }
}
