import Wire

/// What a tcpcopy learns from one of its assistants. All calls come on the client's event loop.
///
/// Flows in announcements, grants and refusals go from replay client to target; those of relayed headers come back.
public protocol RelayClientDelegate: AnyObject {
    /// Response headers have arrived, all that one read brought: take them, then act on them together.
    func relayed(_ headers: inout RelayedHeaders, by client: RelayClient)

    /// Headers of UDP answers have arrived. Comes only where the subscription names UDP targets.
    func relayed(_ answers: inout RelayedAnswers, by client: RelayClient)

    /// Of a patient client: what had come was taken, headers or not.
    func relayFinishedReading(_ client: RelayClient)

    /// The assistant relays from now on. `announcementRequired` follows at once.
    func relayConnected(_ client: RelayClient)

    /// The assistant relays no more; what was announced and not answered never will be. It is reconnected by itself.
    func relayLost(_ client: RelayClient, loss: RelayLoss)

    /// An assistant that relays has not been heard for some seconds; what it relays may be stuck on the way. `relayHeardAgain`
    /// or `relayLost` follows.
    func relayFellSilent(_ client: RelayClient)

    /// What was stuck has arrived.
    func relayHeardAgain(_ client: RelayClient)

    /// An attempt to connect has failed; the next follows by itself.
    func relayUnreachable(_ client: RelayClient, loss: RelayLoss)

    /// Whether sessions must be announced, because another tcpcopy host asks for the same responses; called after each
    /// `relayConnected` and whenever it changes.
    ///
    /// With `true`: announce all live sessions within this call, and from now on each new one before its SYN, which must
    /// wait for the grant. With `false`: nothing is announced, and nothing waits for a grant any more.
    func announcementRequired(_ required: Bool, by client: RelayClient)

    /// These announced sessions are this tcpcopy's.
    func granted(_ flows: [Flow], by client: RelayClient)

    /// Another tcpcopy host holds these pairs of addresses.
    func refused(_ flows: [Flow], by client: RelayClient)
}

extension RelayClientDelegate {
    public func relayed(_ answers: inout RelayedAnswers, by client: RelayClient) {}
    public func relayFinishedReading(_ client: RelayClient) {}
}
