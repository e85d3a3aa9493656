import HeaderRelay
import NIOCore
import Wire

/// Where one capture's headers go: the relay server on its own loop, or one of its lanes on another.
enum ResponsePublisher {
    case server(RelayServer)
    case lane(RelayLane)

    func publish(_ header: borrowing SegmentHeader) {
        switch self {
        case .server(let server): server.publish(header)
        case .lane(let lane): lane.publish(header)
        }
    }

    func publish(_ answer: DatagramHeader) {
        switch self {
        case .server(let server): server.publish(answer)
        case .lane(let lane): lane.publish(answer)
        }
    }

    func flush() {
        switch self {
        case .server(let server): server.flush()
        case .lane(let lane): lane.flush()
        }
    }

    /// How long all who ask let headers wait, ms.
    var patience: UInt8 {
        switch self {
        case .server(let server): server.patience
        case .lane(let lane): lane.patience
        }
    }

    /// Whether the loop may wait for the next frame: nothing else that hurries comes in on it.
    var isApart: Bool {
        switch self {
        case .server(let server): server.isApart && !server.hasTCPCopy1
        case .lane(let lane): lane.isApart
        }
    }
}
