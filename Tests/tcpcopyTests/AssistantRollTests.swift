import HeaderRelay
import Testing

@testable import tcpcopy

@Test func `an assistant relays when every shard is connected, and no longer when one is not`() {
    var roll = AssistantRoll(shards: 2)
    var news: [Bool] = [roll.connected("one"), roll.connected("two")]
    #expect(news == [false, false])
    #expect(!roll.isRelaying("one"))
    news = [roll.connected("one")]
    #expect(news == [true])
    #expect(roll.isRelaying("one") && !roll.isRelaying("two"))
    news = [roll.lost("one", .silent), roll.lost("one", .silent)]
    #expect(news == [true, false])
    #expect(!roll.isRelaying("one"))
    news = [roll.connected("one"), roll.connected("one")]
    #expect(news == [false, true])
}

@Test func `that an assistant cannot be reached is news once, and its latest reason is known`() {
    var roll = AssistantRoll(shards: 3)
    #expect(roll.loss(of: "one") == nil)
    let news = [roll.unreachable("one", .unreachable("refused")), roll.unreachable("one", .silent)]
    #expect(news == [true, false])
    #expect(roll.loss(of: "one") == .silent)
}
