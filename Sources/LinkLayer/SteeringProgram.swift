/// A classic BPF program that tells a packet's slice: what `Slice.index(ofPort:count:)` says of one of its TCP or UDP ports.
///
/// A fanout group runs it on every packet. What arrives is then seen from its network header on, what leaves from its link
/// header on; there the kernel's notion of the network header helps (`SKF_NET_OFF`). A packet that is neither IPv4 nor
/// IPv6 with TCP or UDP at once behind its header is of slice 0; so are fragments, of which only the first tells its
/// ports.
///
/// Sources: Documentation/networking/filter.rst and packet_mmap.rst; linux/filter.h.
struct SteeringProgram {
    /// `struct sock_filter`.
    struct Instruction {
        var code: UInt16
        var onTrue: UInt8 = 0
        var onFalse: UInt8 = 0
        var operand: UInt32 = 0
    }

    let instructions: [Instruction]

    init(slices: UInt16, port: SteeredPort) {
        instructions = [
            // X is where the IP header starts. Outside of what leaves, one more VLAN tag may stand before it.
            .loadWord(at: Ancillary.packetType),
            .jump(ifEqual: 4, 0, else: 2),
            .loadX(Ancillary.networkHeader),
            .jump(6),
            .loadX(0),
            .loadWord(at: Ancillary.protocolNumber),
            .jump(ifEqual: 0x8100, 2, else: 0),
            .jump(ifEqual: 0x88a8, 1, else: 0),
            .jump(ifEqual: 0x9100, 0, else: 1),
            .loadX(4),
            // A becomes the length of the IP header.
            .loadByte(atX: 0),
            .and(0xf0),
            .jump(ifEqual: 0x40, 0, else: 7),
            .loadHalf(atX: 6),
            .and(0x3fff),
            .jump(ifEqual: 0, 0, else: 17),
            .loadByte(atX: 0),
            .and(0x0f),
            .shiftLeft(2),
            .jump(5),
            .jump(ifEqual: 0x60, 0, else: 12),
            .loadByte(atX: 6),
            .jump(ifEqual: 6, 1, else: 0),
            .jump(ifEqual: 17, 0, else: 9),
            .load(40),
            // The slice of the port.
            .addX,
            .moveToX,
            .loadHalf(atX: port.offset),
            .multiply(40503),
            .and(0xffff),
            .multiply(UInt32(slices)),
            .shiftRight(16),
            .returnA,
            .return(0),
        ]
    }

    /// Offsets that mean something beside the packet's bytes.
    private enum Ancillary {
        static let protocolNumber = UInt32(bitPattern: -0x1000)
        static let packetType = UInt32(bitPattern: -0x1000 + 4)
        static let networkHeader = UInt32(bitPattern: -0x10_0000)
    }
}

extension SteeringProgram.Instruction {
    fileprivate typealias Instruction = Self

    fileprivate static func loadWord(at offset: UInt32) -> Instruction { .init(code: 0x20, operand: offset) }
    fileprivate static func loadByte(atX offset: UInt32) -> Instruction { .init(code: 0x50, operand: offset) }
    fileprivate static func loadHalf(atX offset: UInt32) -> Instruction { .init(code: 0x48, operand: offset) }
    fileprivate static func load(_ value: UInt32) -> Instruction { .init(code: 0x00, operand: value) }
    fileprivate static func loadX(_ value: UInt32) -> Instruction { .init(code: 0x01, operand: value) }
    fileprivate static let moveToX = Instruction(code: 0x07)
    fileprivate static let addX = Instruction(code: 0x0c)
    fileprivate static func multiply(_ value: UInt32) -> Instruction { .init(code: 0x24, operand: value) }
    fileprivate static func and(_ mask: UInt32) -> Instruction { .init(code: 0x54, operand: mask) }
    fileprivate static func shiftLeft(_ bits: UInt32) -> Instruction { .init(code: 0x64, operand: bits) }
    fileprivate static func shiftRight(_ bits: UInt32) -> Instruction { .init(code: 0x74, operand: bits) }
    fileprivate static func jump(_ steps: UInt32) -> Instruction { .init(code: 0x05, operand: steps) }
    fileprivate static func jump(ifEqual value: UInt32, _ steps: UInt8, else others: UInt8) -> Instruction {
        .init(code: 0x15, onTrue: steps, onFalse: others, operand: value)
    }
    fileprivate static let returnA = Instruction(code: 0x16)
    fileprivate static func `return`(_ value: UInt32) -> Instruction { .init(code: 0x06, operand: value) }
}
