typealias SubscriberIndex = Int
