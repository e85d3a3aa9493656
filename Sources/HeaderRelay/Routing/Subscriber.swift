import NIOCore
import Wire

/// A subscriber's place in the router, stable while it is known.
typealias SubscriberIndex = Int

/// One tcpcopy that has subscribed, as the router knows it.
struct Subscriber {
    var subscription: RelaySubscription
    /// Smaller is older; a reconnected subscriber keeps it.
    let seniority: Int
    var announcing = Announcing.notRequired
    /// The number of its last round of announcements.
    var round: UInt32 = 0
    /// Announced, and to be decided on when the lists of older subscribers are complete.
    var waiting: [Flow] = []
    /// Since when its connection is down, and when it will be forgotten for that.
    var forgottenAt: NIODeadline?
    /// Counts its connections: sessions of an earlier one that it does not announce again have ended.
    var generation = 0

    enum Announcing: Equatable {
        /// Nobody else asks for the same responses.
        case notRequired
        /// It has been asked for the list of its sessions, and is waited for until then.
        case listing(until: NIODeadline)
        /// Its list is complete: what it has not announced is not its own.
        case listed
    }

    var isAway: Bool { forgottenAt != nil }

    var isListing: Bool {
        if case .listing = announcing { true } else { false }
    }

    /// Whether newer subscribers must wait for it.
    var isUndecided: Bool { isListing || !waiting.isEmpty }
}
