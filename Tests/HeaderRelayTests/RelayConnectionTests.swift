import NIOCore
import NIOEmbedded
import Testing
import Wire

@testable import HeaderRelay

/// One connection in virtual time.
struct RelayConnectionTests {
    private final class Owner: RelayConnectionOwner {
        var messages: [RelayMessage] = []
        var loss: RelayLoss?
        var silences: [Bool] = []

        func opened(_ connection: RelayConnection) { connection.send(.alive) }
        func received(_ message: RelayMessage, on connection: RelayConnection) { messages.append(message) }
        func received(_ headers: inout RelayedHeaders, on connection: RelayConnection) {}
        func closed(_ connection: RelayConnection, by loss: RelayLoss) { self.loss = loss }
        func fellSilent(_ connection: RelayConnection) { silences.append(true) }
        func heardAgain(_ connection: RelayConnection) { silences.append(false) }
    }

    private let owner = Owner()
    private let channel: EmbeddedChannel

    init() throws {
        channel = EmbeddedChannel(handler: RelayConnection(owner: owner))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// What was sent since the last time.
    private func sent() throws -> ByteBuffer {
        var all = ByteBuffer()
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { all.writeImmutableBuffer(bytes) }
        return all
    }

    @Test func `a quiet connection says every second that it is alive`() throws {
        #expect(try sent() == Samples.bytes(of: [.alive]))
        for _ in 0..<3 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            #expect(try sent() == Samples.bytes(of: [.alive], greeted: true))
            try channel.writeInbound(Samples.bytes(of: [.alive], greeted: owner.messages.count > 0))
        }
        #expect(owner.messages == [.alive, .alive, .alive])
        #expect(channel.isActive)
    }

    @Test func `silence is noticed after three seconds, once, and so is its end`() throws {
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(2_900))
        #expect(owner.silences == [])
        channel.embeddedEventLoop.advanceTime(by: .seconds(3))
        #expect(owner.silences == [true])
        try channel.writeInbound(Samples.bytes(of: [.alive]))
        #expect(owner.silences == [true, false])
        try channel.writeInbound(Samples.bytes(of: [.alive], greeted: true))
        #expect(owner.silences == [true, false])
    }

    @Test func `a connection on which nothing is heard for eight seconds is closed`() throws {
        channel.embeddedEventLoop.advanceTime(by: .seconds(7))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        channel.embeddedEventLoop.run()
        #expect(owner.loss == .silent)
        #expect(!channel.isActive)
    }

    @Test func `what a connection was to be told later it is not told after its end`() throws {
        let connection = RelayConnection(owner: owner, speaking: Version1TcpcopyDialect())
        let channel = EmbeddedChannel(handler: connection)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        connection.send(.subscribe(Samples.subscription(1)))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(50))
        // As the other side does that wants no such tcpcopy.
        try channel.close().wait()
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        #expect(owner.loss == .closed)
        #expect(owner.messages == [])
    }

    @Test(arguments: [false, true])
    func `while the other side does not read, nothing is read from it either`(isPatient: Bool) throws {
        var reads = 0
        try channel.pipeline.syncOperations.addHandler(ReadCounter { reads += 1 }, position: .first)
        let connection = try channel.pipeline.syncOperations.handler(type: RelayConnection.self)
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        if isPatient { connection.readOnce() } else { channel.read() }
        #expect(reads == 0)
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        #expect(reads == 1)
    }

    @Test func `patience is as long as that of the least patient`() throws {
        var connections: [RelayConnection?] = []
        #expect(connections.patience == 0)
        let patient = try channel.pipeline.syncOperations.handler(type: RelayConnection.self)
        try channel.writeInbound(Samples.bytes(of: [.patience(milliseconds: 3)]))
        #expect(owner.messages == [])
        connections = [nil, patient]
        #expect(connections.patience == 3)
        connections.append(RelayConnection(owner: owner))
        #expect(connections.patience == 0)
        try channel.writeInbound(Samples.bytes(of: [.patience(milliseconds: 0)], greeted: true))
        connections.removeLast()
        #expect(connections.patience == 0)
    }

    @Test func `a build of another version is told this build's version before it is turned away`() throws {
        _ = try sent()
        try channel.writeInbound(ByteBuffer(string: "tcpcopy\u{3}"))
        channel.embeddedEventLoop.run()
        #expect(owner.loss == .fault(.preamble(.version(3))))
        #expect(owner.loss?.description == "it speaks version 3 of the relay protocol, this build version 2")
    }

    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        private let onRead: () -> Void

        init(_ onRead: @escaping () -> Void) { self.onRead = onRead }

        func read(context: ChannelHandlerContext) { onRead() }
    }
}
