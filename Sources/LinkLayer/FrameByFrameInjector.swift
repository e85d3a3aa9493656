import Glibc
import Wire

/// Ethernet frames through a library that sends one a call, with a port for each interface in use.
struct FrameByFrameInjector<Port: FramePort>: ~Copyable {
    private var ports: [(interface: Int, name: String, port: Port)] = []
    var statistics = InjectionStatistics()

    init(interfaces: [String]) throws(SystemRefusal) {
        for name in interfaces {
            ports.append((interface: Interfaces.index(of: name), name: name, port: try Port(interface: name)))
        }
    }

    mutating func send(_ batch: inout PacketBatch, addressing: borrowing [LinkAddressing?]) {
        var patience = Patience()
        for index in 0..<batch.count {
            guard let hop = addressing[batch.entries[index].target] else {
                statistics.refuse(EHOSTUNREACH)
                continue
            }
            guard let port = port(for: hop) else {
                statistics.refuse(ENODEV)
                continue
            }
            send(batch.ethernetFrame(index, from: hop.source, to: hop.destination), through: port, &patience)
        }
    }

    private mutating func send(_ frame: RawSpan, through port: Port, _ patience: inout Patience) {
        var isRepeated = false
        while true {
            switch SystemCall.perform({ port.send(frame) }) {
            case .done:
                statistics.packets += 1
                statistics.bytes += frame.byteCount
            case .busy(let code):
                if patience.wait(after: code, on: port.descriptor) {
                    statistics.retries += 1
                    continue
                }
                statistics.refuse(code)
            case .refused(ENETDOWN) where !isRepeated:
                // A socket bound to an interface reports once that it was down, though it may be up again.
                isRepeated = true
                continue
            case .refused(let code): statistics.refuse(code)
            }
            return
        }
    }

    /// The port of the hop's interface, opened when the route has moved to an interface that was not in use yet.
    private mutating func port(for hop: borrowing LinkAddressing) -> Port? {
        if let known = ports.first(where: { $0.interface == hop.interfaceIndex }) { return known.port }
        guard let port = try? Port(interface: hop.interfaceName) else { return nil }
        // An interface that was taken away and made anew has its old name, but another index.
        ports.removeAll { $0.name == hop.interfaceName }
        ports.append((interface: hop.interfaceIndex, name: hop.interfaceName, port: port))
        return port
    }
}
