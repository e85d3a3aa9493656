import NIOCore

/// The way to a connection that lives on another event loop: bytes go there whole messages at a time.
struct RelayPost: Sendable {
    let connection: NIOLoopBound<RelayConnection>
    let throttle: RelayThrottle

    /// Call on the connection's loop.
    init(_ connection: RelayConnection, on loop: any EventLoop) {
        self.connection = NIOLoopBound(connection, eventLoop: loop)
        throttle = connection.throttle
    }

    /// Tells connections apart on any loop.
    var identifier: ObjectIdentifier { ObjectIdentifier(throttle) }

    func forward(_ bytes: ByteBuffer) {
        let count = bytes.readableBytes
        throttle.leave(count)
        connection.eventLoop.execute { [connection, throttle] in
            throttle.arrive(count)
            connection.value.forward(bytes)
        }
    }

    func close(_ loss: RelayLoss) {
        connection.eventLoop.execute { [connection] in connection.value.close(loss) }
    }
}
