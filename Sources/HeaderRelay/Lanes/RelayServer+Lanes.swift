import NIOCore
import Wire

// Connections that live on other loops, each with something here that stands for it.
extension RelayServer {
    func opened(at post: RelayPost, remote: String) {
        let connection = RelayConnection(at: post, owner: self, remote: remote)
        elsewhere[post.identifier] = connection
        opened(connection)
    }

    func received(_ message: RelayMessage, from identifier: ObjectIdentifier) {
        elsewhere[identifier]?.deliver(message)
    }

    func closed(_ identifier: ObjectIdentifier, by loss: RelayLoss) {
        guard let connection = elsewhere.removeValue(forKey: identifier) else { return }
        connection.close(loss)
        closed(connection, by: loss)
    }

    /// Tells the lanes who asks for what and where each is connected, if that has changed. What was said to a subscriber
    /// before reaches it before any header.
    func shareRoutes() {
        guard !lanes.isEmpty else { return }
        let routes = router.routes
        let posts = places.map { connection in connection?.post ?? connection.map { RelayPost($0, on: loop) } }
        let identifiers = posts.map { $0?.identifier }
        guard routes != shared.routes || identifiers != shared.connections else { return }
        shared = (routes, identifiers)
        let own = places.indices.filter { places[$0]?.isElsewhere == false }
        let slice = Slice(index: 0, count: UInt16(lanes.count + 1))
        isApart = routes.isApart(slice, for: Set(own))
        self.routes = routes.within(slice)
        for lane in lanes { lane.eventLoop.execute { lane.value.adopt(routes, posts: posts) } }
    }
}
