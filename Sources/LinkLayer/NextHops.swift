import CLinux
import Glibc
import Wire

/// The next hop of every target, looked up in the kernel's tables and followed when these change.
///
/// A next hop that the kernel has not resolved is provoked by an empty UDP datagram to its discard port, so the kernel's
/// own ARP or neighbour discovery does the work, with its retries.
public struct NextHops: ~Copyable {
    /// For each target, in the order of the requests, how its frames leave; nil while that is not known.
    public private(set) var addressing: [LinkAddressing?]
    private let requests: [NextHopRequest]
    private var hops: [Hop?]
    private var changes: NetlinkSocket
    private var tables: NetlinkSocket

    private struct Hop {
        let interface: Interface
        let nextHop: IPAddress

        func isSame(as other: Hop?) -> Bool {
            nextHop == other?.nextHop && interface.index == other?.interface.index
        }
    }

    /// Starts to follow the tables; nothing is looked up before `resolve`.
    public init(_ requests: [NextHopRequest]) throws(SystemRefusal) {
        let groups = [
            RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
        ]
        let tables = try NetlinkSocket()
        let changes = try NetlinkSocket(groups: groups.map { Int($0.rawValue) })
        self.tables = tables
        self.changes = changes
        self.requests = requests
        addressing = Array(repeating: nil, count: requests.count)
        hops = Array(repeating: nil, count: requests.count)
    }

    /// Readable when `handleReadable` has something to do.
    public var descriptor: Int32 { changes.descriptor }

    /// Finds all next hops, waiting for those that must be asked for.
    ///
    /// - Throws: no route, an unknown interface or one without Ethernet, a next hop that has not answered in time.
    public mutating func resolve(within milliseconds: Int) throws(SystemRefusal) {
        let interfaces = try Interfaces(&tables)
        for target in requests.indices { try lookUp(target, interfaces) }
        let deadline = MonotonicClock.now + Int64(milliseconds) * 1_000_000
        while let target = addressing.firstIndex(of: nil) {
            let left = deadline - MonotonicClock.now
            guard left > 0, hops[target] != nil else {
                throw SystemRefusal(
                    "reach", requests[target].target.description,
                    reason: hops[target].map { "next hop \($0.nextHop) on \($0.interface.name) does not answer" }
                        ?? "its route has gone")
            }
            _ = SystemCall.wait(for: POLLIN, on: descriptor, milliseconds: Int32(clamping: left / 1_000_000 + 1))
            _ = handleReadable()
        }
    }

    /// Takes in what has changed in the kernel's tables.
    ///
    /// - Returns: the targets whose `addressing` is another now.
    public mutating func handleReadable() -> [Int] {
        var neighbours: [Neighbour] = []
        var isStale = false
        let isWhole = changes.handleReadable { message in
            switch message.type {
            case Int(RTM_NEWNEIGH), Int(RTM_DELNEIGH):
                if let neighbour = Neighbour(message) { neighbours.append(neighbour) }
            default: isStale = true
            }
        }
        let before = addressing
        if isStale || !isWhole { followRoutes(of: Array(requests.indices)) }
        for neighbour in neighbours {
            for (target, hop) in hops.enumerated() {
                guard let hop, hop.nextHop == neighbour.address, hop.interface.index == neighbour.interfaceIndex else {
                    continue
                }
                address(target, neighbour.linkAddress)
                if neighbour.isLost { provoke(target) }
            }
        }
        return requests.indices.filter { before[$0] != addressing[$0] }
    }

    /// Makes the kernel confirm every next hop again, and looks for missing routes.
    ///
    /// Injected frames tell the kernel nothing about its neighbours, so without this, called every ten seconds or so, a
    /// host that has moved to another MAC address would go unnoticed.
    ///
    /// - Returns: the targets whose `addressing` is another now.
    public mutating func refresh() -> [Int] {
        let before = addressing
        followRoutes(of: requests.indices.filter { hops[$0] == nil })
        for target in requests.indices { provoke(target) }
        return requests.indices.filter { before[$0] != addressing[$0] }
    }

    private func provoke(_ target: Int) {
        guard requests[target].destination == nil, let hop = hops[target], !hop.interface.isLoopback else { return }
        // What stands in the way of it shows as a next hop that does not answer.
        try? Neighbour.provoke(hop.nextHop, on: hop.interface)
    }

    /// After a change that concerns routes or links: a target without a route any more has no addressing.
    private mutating func followRoutes(of targets: [Int]) {
        guard !targets.isEmpty else { return }
        let interfaces = try? Interfaces(&tables)
        for target in targets {
            do throws(SystemRefusal) {
                guard let interfaces else { throw SystemRefusal("read", "the interfaces", code: EAGAIN) }
                try lookUp(target, interfaces)
            } catch {
                hops[target] = nil
                addressing[target] = nil
            }
        }
    }

    private mutating func lookUp(_ target: Int, _ interfaces: Interfaces) throws(SystemRefusal) {
        let request = requests[target]
        let forced = try request.interface.map { name throws(SystemRefusal) in
            guard let interface = interfaces[name: name] else { throw SystemRefusal("use", name, code: ENODEV) }
            return interface
        }
        let route = try Route(to: request.target, interfaceIndex: forced?.index, &tables)
        guard let interface = interfaces[index: route.interfaceIndex] else {
            throw SystemRefusal("use", "interface \(route.interfaceIndex)", code: ENODEV)
        }
        guard interface.isEthernet, interface.address != nil else {
            throw SystemRefusal("inject into", interface.name, reason: "it is no Ethernet interface")
        }
        let hop = Hop(interface: interface, nextHop: route.nextHop)
        let isNew = !hop.isSame(as: hops[target])
        hops[target] = hop
        if isNew { addressing[target] = nil }
        if interface.isLoopback {
            address(target, .zero)
        } else if request.destination != nil {
            address(target, nil)
        } else if let known = Neighbour(hop.nextHop, interfaceIndex: interface.index, &tables)?.linkAddress {
            address(target, known)
        } else if isNew {
            try Neighbour.provoke(hop.nextHop, on: interface)
        } else {
            address(target, addressing[target]?.destination)
            provoke(target)
        }
    }

    /// Enters a next hop's MAC address. One that is lost again is kept: until the next hop is heard of anew, it is the best guess.
    private mutating func address(_ target: Int, _ found: MACAddress?) {
        guard let interface = hops[target]?.interface, let own = interface.address,
            let destination = requests[target].destination ?? found
        else { return }
        addressing[target] = LinkAddressing(
            interfaceIndex: interface.index, interfaceName: interface.name, source: requests[target].source ?? own,
            destination: destination, mtu: interface.mtu)
    }
}
