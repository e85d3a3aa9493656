/// What intercept learns from its relay server. All calls come on the server's event loop.
public protocol RelayServerObserver: AnyObject {
    /// Other responses are asked for than before: a host has subscribed, left, or stayed away for too long, or one of
    /// TCPCopy 1.x has come or gone.
    func subscriptionsChanged(_ subscriptions: [RelaySubscription])

    /// A tcpcopy has subscribed.
    func subscribed(_ subscription: RelaySubscription, from remote: String)

    /// A connection has ended; `subscription` is nil when it never subscribed.
    func connectionEnded(_ subscription: RelaySubscription?, from remote: String, loss: RelayLoss)

    /// A connection of TCPCopy 1.x is served from now on.
    func tcpcopy1Connected(from remote: String)

    /// One that was served has ended.
    func tcpcopy1Ended(from remote: String, loss: RelayLoss)
}
