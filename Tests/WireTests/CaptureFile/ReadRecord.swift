import Wire

/// A record with its bytes, as a test compares it.
struct ReadRecord: Equatable {
    let linkType: LinkType?
    let timestamp: Int64
    let wireLength: Int
    let bytes: [UInt8]

    init(_ linkType: LinkType?, _ timestamp: Int64, _ bytes: [UInt8], wireLength: Int? = nil) {
        self.linkType = linkType
        self.timestamp = timestamp
        self.wireLength = wireLength ?? bytes.count
        self.bytes = bytes
    }

    /// What is read of a file that comes in `chunk` bytes at a time, and how reading ended.
    static func all(in file: [UInt8], chunk: Int = .max) -> (records: [ReadRecord], error: CaptureFileError.Kind?) {
        var reader = CaptureFileReader()
        var records: [ReadRecord] = []
        do throws(CaptureFileError) {
            var position = 0
            while position < file.count {
                let end = chunk < file.count - position ? position + chunk : file.count
                reader.append(Array(file[position..<end]))
                position = end
                try reader.lend { record, bytes in
                    records.append(
                        ReadRecord(
                            record.linkType, record.timestamp, Array(copying: bytes), wireLength: record.wireLength))
                    return true
                }
            }
            try reader.finish()
            return (records, nil)
        } catch {
            return (records, error.kind)
        }
    }
}
