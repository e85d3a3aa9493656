import CZlib

/// Decompresses gzip data piece by piece, one member after the other (RFC 1952).
@safe struct GzipDecoder: ~Copyable {
    /// zlib keeps its address, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether a member has begun and not ended.
    private(set) var isInsideMember = false
    private var hasReadMember = false
    /// Zeros follow the last member: padding, as gzip(1) takes it.
    private var isPadded = false
    /// All that stands before damage was returned.
    private(set) var isDamaged = false

    /// The data is not what gzip writes.
    struct Fault: Error {}

    /// The two bytes that gzip data begins with.
    static let magic: [UInt8] = [0x1f, 0x8b]
    /// 15 bits of window; 16 more ask for gzip's header and trailer.
    private static let windowBits: Int32 = 15 + 16

    init() {
        unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib has memory for a window")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Decompresses the beginning of `input`, and takes away what was used of it.
    ///
    /// - Returns: at most `limit` bytes; none when more input is needed.
    /// - Throws: once all that stands before the damage was returned.
    mutating func decode(_ input: inout ArraySlice<UInt8>, limit: Int) throws(Fault) -> [UInt8] {
        guard !isDamaged else { throw Fault() }
        isPadded = isPadded || hasReadMember && !isInsideMember && input.first == 0
        if isPadded {
            input = input.drop { $0 == 0 }
            guard input.isEmpty else {
                isDamaged = true
                throw Fault()
            }
            return []
        }
        var code = Z_OK
        var used = 0
        let available = input.count
        let output = unsafe [UInt8](unsafeUninitializedCapacity: limit) { output, count in
            unsafe input.withUnsafeMutableBufferPointer { input in
                unsafe stream.pointee.next_in = input.baseAddress
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(limit)
                code = unsafe inflate(stream, Z_NO_FLUSH)
                used = unsafe available - Int(stream.pointee.avail_in)
                count = unsafe limit - Int(stream.pointee.avail_out)
            }
        }
        input = input.dropFirst(used)
        switch code {
        case Z_STREAM_END:
            unsafe inflateReset(stream)
            isInsideMember = false
            hasReadMember = true
        case Z_OK, Z_BUF_ERROR: isInsideMember = isInsideMember || used > 0
        default:
            isDamaged = true
            if output.isEmpty { throw Fault() }
        }
        return output
    }
}
