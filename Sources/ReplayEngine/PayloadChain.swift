import Wire

/// A queue of bytes in a `PayloadPool`: appended at the end, dropped at the front, read anywhere in between.
///
/// A cursor remembers where the last reading ended, so that sending on in a long queue does not walk it again.
struct PayloadChain {
    private var head = PayloadPool.none
    private var tail = PayloadPool.none
    /// Bytes of the first block that were dropped already, and of the last block that are in use.
    private var headOffset: UInt16 = 0
    private var tailUsed: UInt16 = 0
    private var cursor = PayloadPool.none
    /// Bytes from the start of the head block to the start of the cursor's block.
    private var cursorDistance: UInt32 = 0
    private var length: UInt32 = 0

    private(set) var count: Int {
        get { Int(length) }
        set { length = UInt32(newValue) }
    }

    private var cursorStart: Int {
        get { Int(cursorDistance) }
        set { cursorDistance = UInt32(newValue) }
    }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ bytes: RawSpan, in pool: inout PayloadPool) {
        var rest = bytes
        while rest.byteCount > 0 {
            if tail == PayloadPool.none || Int(tailUsed) == PayloadPool.blockSize { extend(&pool) }
            let piece = min(rest.byteCount, PayloadPool.blockSize - Int(tailUsed))
            pool.write(rest.extracting(..<piece), to: tail, at: Int(tailUsed))
            tailUsed += UInt16(piece)
            count += piece
            rest = rest.extracting(piece...)
        }
    }

    private mutating func extend(_ pool: inout PayloadPool) {
        let block = pool.take()
        if tail == PayloadPool.none {
            head = block
            headOffset = 0
        } else {
            pool.link(tail, to: block)
        }
        tail = block
        tailUsed = 0
    }

    /// Drops bytes at the front. Precondition: at most `count`.
    mutating func removeFirst(_ bytes: Int, in pool: inout PayloadPool) {
        precondition(bytes <= count, "only bytes that are there can be dropped")
        guard bytes < count else {
            removeAll(in: &pool)
            return
        }
        count -= bytes
        var offset = Int(headOffset) + bytes
        while offset >= PayloadPool.blockSize {
            let next = pool.next(after: head)
            pool.giveBack(head)
            if cursor == head { cursor = PayloadPool.none }
            if cursor != PayloadPool.none { cursorStart -= PayloadPool.blockSize }
            head = next
            offset -= PayloadPool.blockSize
        }
        headOffset = UInt16(offset)
    }

    /// Drops bytes at the end, so that `rest` stay. Precondition: at most `count`.
    mutating func removeLast(leaving rest: Int, in pool: inout PayloadPool) {
        precondition(rest <= count, "only bytes that are there can be kept")
        guard rest > 0 else { return removeAll(in: &pool) }
        let end = Int(headOffset) + rest
        var last = head
        for _ in 0..<(end - 1) / PayloadPool.blockSize { last = pool.next(after: last) }
        var block = pool.next(after: last)
        if block != PayloadPool.none { pool.link(last, to: PayloadPool.none) }
        while block != PayloadPool.none {
            let next = pool.next(after: block)
            pool.giveBack(block)
            block = next
        }
        tail = last
        tailUsed = UInt16((end - 1) % PayloadPool.blockSize + 1)
        count = rest
        cursor = PayloadPool.none
    }

    mutating func removeAll(in pool: inout PayloadPool) {
        var block = head
        while block != PayloadPool.none {
            let next = pool.next(after: block)
            pool.giveBack(block)
            block = next
        }
        self = PayloadChain()
    }

    /// Appends the bytes of `range`, counted from the front, to the segment that was begun in `batch`.
    mutating func copy(_ range: Range<Int>, to batch: inout PacketBatch, from pool: borrowing PayloadPool) {
        precondition(range.upperBound <= count, "only bytes that are there can be read")
        var position = Int(headOffset) + range.lowerBound
        var left = range.count
        if cursor == PayloadPool.none || cursorStart > position {
            cursor = head
            cursorStart = 0
        }
        while position - cursorStart >= PayloadPool.blockSize, left > 0 {
            cursor = pool.next(after: cursor)
            cursorStart += PayloadPool.blockSize
        }
        while left > 0 {
            let offset = position - cursorStart
            let piece = min(left, PayloadPool.blockSize - offset)
            pool.append(offset..<offset + piece, of: cursor, to: &batch)
            position += piece
            left -= piece
            if left > 0 {
                cursor = pool.next(after: cursor)
                cursorStart += PayloadPool.blockSize
            }
        }
    }
}
