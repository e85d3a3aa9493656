import OperatorInterface

/// Reads one of an enumeration's names; any other is refused with the list of them.
@Sendable func oneOf<Choice: CaseIterable & RawRepresentable<String>>(_ text: String) throws -> Choice {
    try oneOf(Array(Choice.allCases), text)
}

/// Reads the name of one of `choices`; any other is refused with the list of them.
func oneOf<Choice: RawRepresentable<String>>(_ choices: [Choice], _ text: String) throws -> Choice {
    guard let choice = choices.first(where: { $0.rawValue == text }) else {
        throw Refusal("one of \(choices.map(\.rawValue).joined(separator: ", ")) is expected")
    }
    return choice
}
