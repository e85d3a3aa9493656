/// How one interface of a capture file counts time: units a second, and where it begins.
struct CaptureTimestamps: Equatable, Sendable {
    private enum Unit: Equatable {
        case multiplied(by: UInt64)
        case divided(by: UInt128)
        case powerOfTwo(UInt8)
    }

    private let unit: Unit
    /// Seconds to add to every time stamp.
    var offset: Int64 = 0

    static let microseconds = CaptureTimestamps(resolution: 6)
    static let nanoseconds = CaptureTimestamps(resolution: 9)

    /// - Parameter resolution: pcapng's if_tsresol: a negative power of ten or, with the highest bit set, of two.
    init(resolution: UInt8) {
        switch resolution {
        case ...9: unit = .multiplied(by: UInt64(Self.tenToThe(9 - resolution)))
        // From 29 on nothing that 64 bits can count is a nanosecond.
        case ...0x7f: unit = .divided(by: Self.tenToThe(min(resolution, 29) - 9))
        default: unit = .powerOfTwo(resolution & 0x7f)
        }
    }

    /// The time stamp in nanoseconds since the epoch, cut down to what fits.
    func nanoseconds(_ count: UInt64) -> Int64 {
        let nanoseconds: UInt128
        switch unit {
        case .multiplied(let factor): nanoseconds = UInt128(count) * UInt128(factor)
        case .divided(let divisor): nanoseconds = UInt128(count) / divisor
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
