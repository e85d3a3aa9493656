/// Why bytes are not the capture file they claim to be, and where that was seen.
public struct CaptureFileError: Error, Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// It begins with the magic number of neither pcap nor pcapng.
        case notACaptureFile
        /// A version of the format, or a byte-order mark, that is not known.
        case unsupportedVersion
        /// All of its packets begin with a header that no TCP packet is read behind; the LINKTYPE_ number.
        case unsupportedLinkType(UInt16)
        /// A length that contradicts the format, or the lengths around it.
        case badLength(Int)
        /// Longer than any packet or block is taken for: `CaptureFileReader.largestRecord`.
        case recordTooLarge(Int)
        /// A packet of an interface that was not described before.
        case unknownInterface(Int)
        /// More interfaces than any capture has.
        case tooManyInterfaces
        /// The file ends inside a record.
        case truncated
    }

    public let kind: Kind
    /// Bytes from the start of the file (uncompressed) to the record at fault.
    public let offset: Int

    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }
}

extension CaptureFileError: CustomStringConvertible {
    /// Part of a line: `a record of 4294967295 bytes at byte 24`.
    public var description: String {
        switch kind {
        case .notACaptureFile: "neither pcap nor pcapng"
        case .unsupportedVersion: "an unknown version of the format at byte \(offset)"
        case .unsupportedLinkType(let number): "packets of link type \(number), which is not read"
        case .badLength(let length): "a length of \(length) that cannot be, at byte \(offset)"
        case .recordTooLarge(let length): "a record of \(length) bytes at byte \(offset)"
        case .unknownInterface(let index): "a packet of interface \(index), which is not described, at byte \(offset)"
        case .tooManyInterfaces: "more than \(CaptureFileReader.interfaceLimit) interfaces at byte \(offset)"
        case .truncated: "cut off inside a record at byte \(offset)"
        }
    }
}
