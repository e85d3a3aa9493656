/// How one interface of a capture file counts time: units a second, and where it begins.
struct CaptureTimestamps: Equatable, Sendable {
    private enum Unit: Equatable { case powerOfTen(UInt8), powerOfTwo(UInt8) }

    private var unit = Unit.powerOfTen(6)
    /// Seconds to add to every time stamp.
    var offset: Int64 = 0

    static let microseconds = CaptureTimestamps()
    static let nanoseconds = CaptureTimestamps(resolution: 9)

    private init() {}

    /// - Parameter resolution: pcapng's if_tsresol: a negative power of ten or, with the highest bit set, of two.
    init(resolution: UInt8) {
        unit = resolution & 0x80 == 0 ? .powerOfTen(resolution) : .powerOfTwo(resolution & 0x7f)
    }

    /// The time stamp in nanoseconds since the epoch, cut down to what fits.
    func nanoseconds(_ count: UInt64) -> Int64 {
        let nanoseconds: UInt128
        switch unit {
        case .powerOfTen(let exponent) where exponent <= 9:
            nanoseconds = UInt128(count) * Self.tenToThe(9 - exponent)
        case .powerOfTen(let exponent) where exponent <= 28: nanoseconds = UInt128(count) / Self.tenToThe(exponent - 9)
        case .powerOfTen: nanoseconds = 0
        case .powerOfTwo(let exponent): nanoseconds = (UInt128(count) * 1_000_000_000) >> UInt128(exponent)
        }
        let (shift, overflow) = offset.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return offset > 0 ? .max : .min }
        let (sum, sumOverflow) = Int64(clamping: nanoseconds).addingReportingOverflow(shift)
        return sumOverflow ? .max : sum
    }

    private static func tenToThe(_ exponent: UInt8) -> UInt128 {
        (0..<exponent).reduce(UInt128(1)) { power, _ in power * 10 }
    }
}
