import Wire

/// Sends packets towards the targets, in the way that the operator chose. Its handles never receive.
public struct Injector: ~Copyable {
    public let kind: InjectorKind
    private var way: Way

    private enum Way: ~Copyable {
        case pcap(FrameByFrameInjector<PcapPort>)
        case libnet(FrameByFrameInjector<LibnetPort>)
        case packet(PacketInjector)
        case raw(RawInjector)

        mutating func send(_ batch: inout PacketBatch, addressing: borrowing [LinkAddressing?]) {
            switch consume self {
            case .pcap(var injector):
                injector.send(&batch, addressing: addressing)
                self = .pcap(injector)
            case .libnet(var injector):
                injector.send(&batch, addressing: addressing)
                self = .libnet(injector)
            case .packet(var injector):
                injector.send(&batch, addressing: addressing)
                self = .packet(injector)
            case .raw(var injector):
                injector.send(&batch)
                self = .raw(injector)
            }
        }
    }

    /// Opens what this way of injecting needs.
    ///
    /// - Parameter interfaces: where frames are expected to leave. A route that moves to another interface later is
    ///   followed; these are opened now so that what is refused is refused at the start. `raw` needs none.
    /// - Throws: an unknown interface, one that is down or no Ethernet, a missing privilege.
    public init(_ kind: InjectorKind, interfaces: [String]) throws(SystemRefusal) {
        self.kind = kind
        switch kind {
        case .pcap: way = .pcap(try FrameByFrameInjector(interfaces: interfaces))
        case .libnet: way = .libnet(try FrameByFrameInjector(interfaces: interfaces))
        case .packet: way = .packet(try PacketInjector())
        case .raw: way = .raw(try RawInjector())
        }
    }

    /// Sends all packets of `batch` and empties it. Never fails as a whole: what the kernel refuses is counted by errno,
    /// and a full queue is waited for some milliseconds at most.
    ///
    /// - Parameter addressing: for each target index in the batch, how its frames leave; nil for one whose next hop is
    ///   not known now. `raw` leaves that to the kernel.
    /// - Precondition: every target index lies within `addressing`.
    public mutating func send(_ batch: inout PacketBatch, addressing: borrowing [LinkAddressing?]) {
        guard !batch.isEmpty else { return }
        way.send(&batch, addressing: addressing)
        batch.removeAll()
    }

    public var statistics: InjectionStatistics {
        switch way {
        case .pcap(let injector): injector.statistics
        case .libnet(let injector): injector.statistics
        case .packet(let injector): injector.statistics
        case .raw(let injector): injector.statistics
        }
    }
}
