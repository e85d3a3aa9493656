import Testing
import Wire

@Suite struct SequenceNumberTests {
    /// Numbers around the wrap, the middle, and everywhere between.
    static let places: [UInt32] =
        (0...3).flatMap { edge in
            (-3...3).map { UInt32(truncatingIfNeeded: edge * 0x4000_0000 + $0) }
        } + [0x1234_5678, 0xdead_beef]

    @Test func `distances are right round the wrap`() {
        #expect(SequenceNumber(.max).distance(to: SequenceNumber(0)) == 1)
        #expect(SequenceNumber(0).distance(to: SequenceNumber(.max)) == -1)
        #expect(SequenceNumber(.max - 99).distance(to: SequenceNumber(100)) == 200)
        #expect(SequenceNumber(100).distance(to: SequenceNumber(.max - 99)) == -200)
        for place in Self.places {
            for step in [-0x7fff_ffff, -65_536, -1, 0, 1, 1460, 65_535, 0x7fff_ffff] {
                let number = SequenceNumber(place)
                let other = number.advanced(by: step)
                #expect(number.distance(to: other) == step)
                #expect(other.distance(to: number) == -step)
                #expect(other.advanced(by: -step) == number)
            }
        }
    }

    @Test func `of two numbers less than half the circle apart, exactly one precedes the other`() {
        for place in Self.places {
            let number = SequenceNumber(place)
            #expect(!number.precedes(number) && number.precedesOrEquals(number))
            for step in [1, 2, 1460, 65_536, 0x7fff_ffff] {
                let later = number.advanced(by: step)
                #expect(number.precedes(later) && !later.precedes(number))
                #expect(number.precedesOrEquals(later) && !later.precedesOrEquals(number))
                #expect(SequenceNumber.later(number, later) == later && SequenceNumber.later(later, number) == later)
            }
        }
    }

    @Test func `numbers half the circle apart are held behind each other, and nothing traps`() {
        for place in Self.places {
            let opposite = SequenceNumber(place &+ 0x8000_0000)
            #expect(SequenceNumber(place).distance(to: opposite) == -0x8000_0000)
            #expect(opposite.distance(to: SequenceNumber(place)) == -0x8000_0000)
        }
        #expect(SequenceNumber(5).advanced(by: .max).rawValue == 4)
        #expect(SequenceNumber(5).advanced(by: .min).rawValue == 5)
    }
}
