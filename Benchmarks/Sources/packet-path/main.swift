// The packet path alone, beside the benchmark PacketPath. Prints one JSON object a line.
//
//   packet-path at SESSIONS...       ns of processor time an exchange over so many: to compare two builds in turns
//   packet-path run SESSIONS COUNT   so many exchanges and no more: for an instruction counter
//   packet-path allocations          allocations an exchange in steady state, and proof that they are counted
//   packet-path memory SESSIONS      bytes of resident memory a session

import CMeasure
import EngineLoad

func time(sizes: [Int]) {
    let exchanges = 100_000
    for sessions in sizes {
        var load = EngineLoad(sessions: sessions)
        load.warmUp()
        for round in 0..<4 {
            let before = load.packets
            let start = processor_time()
            load.run(exchanges: exchanges)
            let elapsed = Double(processor_time() - start)
            print(
                #"{"part":"path","sessions":\#(sessions),"round":\#(round),"nsPerExchange":\#(elapsed / Double(exchanges)),"#
                    + #""packetsPerExchange":\#(Double(load.packets - before) / Double(exchanges)),"#
                    + #""answered":\#(load.answered),"selected":\#(load.selected)}"#)
        }
    }
}

final class Deliberate {
    var value = 1
}

@inline(never)
func allocateOnce() -> Deliberate { Deliberate() }

func countAllocations() {
    let exchanges = 100_000
    for sessions in [1, 1_000, 100_000] {
        var load = EngineLoad(sessions: sessions)
        load.run(exchanges: max(sessions * 4, 200_000))
        let before = allocation_count()
        load.run(exchanges: exchanges)
        let steady = allocation_count() - before
        let kept = allocateOnce()
        let deliberate = allocation_count() - before - steady
        print(
            #"{"part":"allocations","sessions":\#(sessions),"exchanges":\#(exchanges),"allocations":\#(steady),"#
                + #""deliberate":\#(deliberate * kept.value)}"#)
    }
}

func measureMemory(sessions: Int) {
    let before = resident_bytes()
    var load = EngineLoad(sessions: sessions)
    let idle = resident_bytes()
    load.run(exchanges: sessions)
    let used = resident_bytes()
    print(
        #"{"part":"memory","sessions":\#(sessions),"before":\#(before),"idle":\#(idle),"used":\#(used),"#
            + #""answered":\#(load.answered)}"#)
}

let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.dropFirst().compactMap { Int($0) }
switch (arguments.first, numbers.count) {
case ("at", _): time(sizes: numbers)
case ("run", 2):
    var load = EngineLoad(sessions: numbers[0])
    load.run(exchanges: numbers[1])
case ("allocations", _): countAllocations()
case ("memory", 1): measureMemory(sessions: numbers[0])
default:
    print("usage: packet-path at SESSIONS... | run SESSIONS COUNT | allocations | memory SESSIONS")
}
