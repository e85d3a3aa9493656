import CLinux
import FoundationEssentials

/// The time of day as log lines show it.
public enum WallClock {
    /// Now, in local time: `2026-01-02 03:04:05.678`.
    public static var text: String {
        let now = Date().timeIntervalSince1970
        let milliseconds = Int64(now * 1000)
        return text(milliseconds: milliseconds + Int64(clinux_utc_offset(milliseconds / 1000)) * 1000)
    }

    /// The text of a count of milliseconds since 1970-01-01 00:00:00.
    static func text(milliseconds: Int64) -> String {
        let (days, ofDay) = milliseconds.quotientAndRemainder(floor: 86_400_000)
        let (year, month, day) = civil(days: days)
        let date = "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
        let time = [ofDay / 3_600_000, ofDay / 60_000 % 60, ofDay / 1000 % 60].map { digits($0, 2) }
        return "\(date) \(time.joined(separator: ":")).\(digits(ofDay % 1000, 3))"
    }

    /// Days since 1970-01-01 as a date of the Gregorian calendar, counted in years that begin in March, so that the
    /// leap day comes last (Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days).
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, ofEra) = (days + 719_468).quotientAndRemainder(floor: 146_097)
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * ofYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension Int64 {
    fileprivate func quotientAndRemainder(floor divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
