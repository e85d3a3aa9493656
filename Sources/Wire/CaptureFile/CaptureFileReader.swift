/// Reads capture files of both formats as their bytes come in: pcap and pcapng, in either byte order.
///
/// Bytes go in with `append`, packets come out of `lend`, and `peek` shows the next; once it shows none more bytes are needed, and
/// after the last of them `finish` says whether the file ended where a record does. It holds what was appended and not yet read, at
/// most one record more than was appended at once.
///
/// Sources: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html and
/// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html.
public struct CaptureFileReader: ~Copyable {
    /// No packet, and no block that describes packets, is longer than this many bytes.
    public static let largestRecord = 16 << 20
    /// Interfaces of one section.
    public static let interfaceLimit = 4096

    enum Format {
        case unknown
        case pcap(Pcap)
        case pcapng(PcapngSection)
    }

    var format = Format.unknown
    private var buffer: [UInt8] = []
    /// Where in `buffer` the next record starts.
    private(set) var start = 0
    /// Bytes of the file before `buffer`.
    private var discarded = 0
    private var failure: CaptureFileError?
    /// A packet that was read, and not taken yet.
    private var head: CaptureRecord?

    public init() {}

    /// Adds the bytes that follow in the file. Records that were read before are no longer there.
    ///
    /// - Precondition: the next packet needs more bytes.
    public mutating func append(_ bytes: [UInt8]) {
        precondition(head == nil, "what was looked at has its bytes in the buffer")
        discarded += start
        if start == buffer.count {
            buffer = bytes
        } else {
            buffer.removeFirst(start)
            buffer.append(contentsOf: bytes)
        }
        start = 0
    }

    /// The next packet, which stays so until it was lent; nil when more bytes are needed for it.
    ///
    /// - Throws: what is wrong with the file, again at every further call.
    public mutating func peek() throws(CaptureFileError) -> CaptureRecord? {
        if head == nil { head = try read() }
        return head
    }

    /// Lends packets, one after the other, until `body` returns false for one, which comes again then, or more bytes are needed.
    ///
    /// - Throws: as `peek` does.
    public mutating func lend(to body: (CaptureRecord, RawSpan) -> Bool) throws(CaptureFileError) {
        while let record = try peek(), body(record, buffer.rawSpan.extracting(record.range)) { head = nil }
    }

    private mutating func read() throws(CaptureFileError) -> CaptureRecord? {
        if let failure { throw failure }
        do throws(CaptureFileError) {
            while true {
                switch format {
                case .unknown: guard try readStart() else { return nil }
                case .pcap(let pcap): return try nextRecord(pcap)
                case .pcapng:
                    switch try nextBlock() {
                    case .packet(let record): return record
                    case .other: continue
                    case .incomplete: return nil
                    }
                }
            }
        } catch {
            failure = error
            throw error
        }
    }

    /// No more bytes follow. Precondition: all packets were lent.
    ///
    /// - Throws: when the file ends inside a record, or holds nothing at all.
    public func finish() throws(CaptureFileError) {
        if let failure { throw failure }
        if case .unknown = format { throw CaptureFileError(.notACaptureFile, at: 0) }
        precondition(head == nil, "a file is finished once its packets are")
        guard start == buffer.count else { throw error(.truncated) }
    }

    /// Tells the format by the magic number. False when more bytes are needed.
    private mutating func readStart() throws(CaptureFileError) -> Bool {
        guard waiting >= 4 else { return false }
        if bytes.bigEndian32(at: 0) == PcapngSection.headerType {
            format = .pcapng(PcapngSection())
            return true
        }
        guard let pcap = try Pcap(header: bytes) else { return false }
        format = .pcap(pcap)
        start += Pcap.fileHeaderLength
        return true
    }
}

extension CaptureFileReader {
    /// Bytes that were appended and not yet read.
    @inline(__always) public var waiting: Int { buffer.count - start }

    /// The bytes that wait.
    @inline(__always) var bytes: RawSpan {
        @_lifetime(borrow self)
        get { buffer.rawSpan.extracting(start...) }
    }

    /// Goes on behind `count` bytes; returns where in the buffer they started.
    mutating func advance(_ count: Int) -> Int {
        start += count
        return start - count
    }

    /// An error of the record that now waits.
    func error(_ kind: CaptureFileError.Kind) -> CaptureFileError { CaptureFileError(kind, at: discarded + start) }

    /// Refuses a length from the file that no record has.
    @inline(__always) func check(_ length: UInt32, atLeast least: Int = 0) throws(CaptureFileError) -> Int {
        guard length <= Self.largestRecord else { throw error(.recordTooLarge(Int(length))) }
        guard length >= least else { throw error(.badLength(Int(length))) }
        return Int(length)
    }
}

extension RawSpan {
    /// A 16-bit number in the byte order of a file.
    @inline(__always) func number16(at offset: Int, swapped: Bool) -> UInt16 {
        swapped ? bigEndian16(at: offset).byteSwapped : bigEndian16(at: offset)
    }

    /// A 32-bit number in the byte order of a file.
    @inline(__always) func number32(at offset: Int, swapped: Bool) -> UInt32 {
        swapped ? bigEndian32(at: offset).byteSwapped : bigEndian32(at: offset)
    }
}
