// injection-rate KIND INTERFACE FRAMESIZE MILLISECONDS: sends frames of one size through an injector of the project as fast
// as it goes, each packet written anew with its checksums as in a replay. Prints frames a second of the injector's own time,
// and frames a second with the writing.

import LinkLayer
import Wire

let arguments = CommandLine.arguments
guard arguments.count == 5, let kind = InjectorKind(rawValue: arguments[1]), let size = Int(arguments[3]),
    (60...1514).contains(size), let milliseconds = Int64(arguments[4])
else {
    print("usage: injection-rate pcap|libnet|packet INTERFACE FRAMESIZE MILLISECONDS")
    throw SystemRefusal("read", "the arguments", reason: "expected four")
}
guard let interface = try Interfaces()[name: arguments[2]] else {
    throw SystemRefusal("use", arguments[2], reason: "no such interface")
}
var injector = try Injector(kind, interfaces: [interface.name])
let addressing: [LinkAddressing?] = [
    LinkAddressing(
        interfaceIndex: interface.index, interfaceName: interface.name, source: MACAddress(bits: 0x02_0000_0000_01),
        destination: MACAddress(bits: 0x02_0000_0000_02), mtu: 1500)
]
let header = SegmentHeader(
    flow: Flow(
        from: Endpoint(IPAddress(v4: 0x0a00_0001), 10_000), to: Endpoint(IPAddress(v4: 0x0aff_0003), 8080)),
    sequence: SequenceNumber(1), acknowledgement: SequenceNumber(1), flags: [.psh, .ack], window: 65535)
let payload = [UInt8](repeating: 0x61, count: size - 54)
var batch = PacketBatch()
var sending: Int64 = 0
let start = MonotonicClock.now
let end = start + milliseconds * 1_000_000
while MonotonicClock.now < end {
    while batch.count < 64, batch.hasRoom(payloadLength: payload.count) {
        batch.begin(header, target: 0)
        batch.append(payload.rawSpan)
        batch.end()
    }
    let before = MonotonicClock.now
    injector.send(&batch, addressing: addressing)
    sending += MonotonicClock.now - before
}
let packets = Double(injector.statistics.packets)
print(Int(packets * 1e9 / Double(sending)), Int(packets * 1e9 / Double(MonotonicClock.now - start)))
