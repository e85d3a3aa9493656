import Wire

// Streams of clients who only tell, and never hear anything: the ends of their writes are all that divides them.
extension ClientStream {
    struct Marks: OptionSet {
        var rawValue: UInt8 = 0

        /// The client has heard the server's payload, or one number of it, which may be a FIN.
        static let heard = Marks(rawValue: 1)
        static let heardOne = Marks(rawValue: 2)
        /// What is next begins a write.
        static let beginsWrite = Marks(rawValue: 4)
        /// A write has ended within the turn.
        static let wroteInTurn = Marks(rawValue: 8)
    }

    /// Whether the client has heard anything of the server's since it was first seen.
    var hasHeard: Bool { marks.contains(.heard) }

    /// Whether what is next begins a write, for certain.
    var beginsWrite: Bool { marks.contains(.beginsWrite) }

    /// Whether some write of the turn was seen to its end.
    var hasWriteInTurn: Bool { marks.contains(.wroteInTurn) }

    mutating func noteHole(endsWrite: Bool, hadWritten: Bool) {
        marks.remove([.beginsWrite, .wroteInTurn])
        if endsWrite { marks.insert(.beginsWrite) }
        if hadWritten { marks.insert(.wroteInTurn) }
    }

    mutating func noteWrite(_ isOver: Bool) {
        if isOver { marks.insert([.beginsWrite, .wroteInTurn]) } else { marks.remove(.beginsWrite) }
    }
}
