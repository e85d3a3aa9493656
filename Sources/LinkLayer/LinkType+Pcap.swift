import CPcap
import Wire

extension LinkType {
    /// The link type that libpcap numbers so on Linux; nil for one that no TCP packet is read from.
    init?(dataLink: Int32) {
        switch dataLink {
        case DLT_NULL: self = .null
        case DLT_EN10MB: self = .ethernet
        case DLT_RAW, DLT_IPV4, DLT_IPV6: self = .raw
        case DLT_LINUX_SLL: self = .cooked
        case DLT_LINUX_SLL2: self = .cookedV2
        default: return nil
        }
    }

    var dataLink: Int32 {
        switch self {
        case .null: DLT_NULL
        case .ethernet: DLT_EN10MB
        case .raw: DLT_RAW
        case .cooked: DLT_LINUX_SLL
        case .cookedV2: DLT_LINUX_SLL2
        }
    }
}
