import OperatorInterface

/// Reads one of an enumeration's names; any other is refused with the list of them.
@Sendable func oneOf<Choice: CaseIterable & RawRepresentable<String>>(_ text: String) throws -> Choice {
    guard let choice = Choice(rawValue: text) else {
        throw Refusal("one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")) is expected")
    }
    return choice
}
