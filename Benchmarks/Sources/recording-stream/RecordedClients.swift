import Wire

/// Clients who each open a connection, ask twenty questions and close it, as the records of a pcap file without end.
///
/// A thousand of them talk at once, in turns. Frames are made once and changed where they differ, so that making them costs
/// less than reading them.
struct RecordedClients {
    /// Whether the server's answers are recorded too.
    private let hasAnswers: Bool
    private var clients: [Client]
    private var next = 0
    private var begun = 0
    private var microseconds: UInt64 = 1_700_000_000_000_000
    private var frame = RecordedFrame()

    private struct Client {
        var number: Int
        var step = 0
    }

    private static let online = IPAddress(v4: 0xc000_0202)
    private static let request: UInt32 = 200
    private static let answer: UInt32 = 1_000
    private static let exchanges = 20
    private static let talking = 1_000
    /// Where the client's and the server's numbers begin.
    private static let (first, firstAnswer): (UInt32, UInt32) = (1_000, 9_000)

    init(hasAnswers: Bool) {
        self.hasAnswers = hasAnswers
        clients = (0..<Self.talking).map { Client(number: $0) }
        begun = Self.talking
    }

    static var fileHeader: [UInt8] {
        // Microseconds, little-endian, Ethernet.
        [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0]
    }

    /// Adds what the client whose turn it is does next: opens, asks a question, or closes.
    mutating func appendStep(to file: inout [UInt8]) {
        let client = clients[next]
        frame.address(client: client.number, online: Self.online)
        switch client.step {
        case 0:
            add(Self.first, 0, .syn, 0, to: &file)
            if hasAnswers { addAnswer(Self.firstAnswer, Self.first + 1, [.syn, .ack], 0, to: &file) }
            add(Self.first + 1, Self.firstAnswer + 1, .ack, 0, to: &file)
        case 1...Self.exchanges:
            let asked = Self.first + 1 + UInt32(client.step) * Self.request
            let answered = Self.firstAnswer + 1 + UInt32(client.step) * Self.answer
            add(asked - Self.request, answered - Self.answer, [.psh, .ack], Self.request, to: &file)
            if hasAnswers { addAnswer(answered - Self.answer, asked, [.psh, .ack], Self.answer, to: &file) }
            add(asked, answered, .ack, 0, to: &file)
        default:
            let asked = Self.first + 1 + UInt32(Self.exchanges) * Self.request
            let answered = Self.firstAnswer + 1 + UInt32(Self.exchanges) * Self.answer
            add(asked, answered, [.fin, .ack], 0, to: &file)
            if hasAnswers { addAnswer(answered, asked + 1, [.fin, .ack], 0, to: &file) }
        }
        if client.step <= Self.exchanges {
            clients[next].step += 1
        } else {
            clients[next] = Client(number: begun)
            begun += 1
        }
        next = (next + 1) % Self.talking
    }

    private mutating func add(
        _ sequence: UInt32, _ acknowledgement: UInt32, _ flags: TCPFlags, _ length: UInt32, to file: inout [UInt8]
    ) {
        microseconds += 10
        frame.append(
            sequence, acknowledgement, flags, length: Int(length), isAnswer: false, at: microseconds, to: &file)
    }

    private mutating func addAnswer(
        _ sequence: UInt32, _ acknowledgement: UInt32, _ flags: TCPFlags, _ length: UInt32, to file: inout [UInt8]
    ) {
        microseconds += 10
        frame.append(
            sequence, acknowledgement, flags, length: Int(length), isAnswer: true, at: microseconds, to: &file)
    }
}
