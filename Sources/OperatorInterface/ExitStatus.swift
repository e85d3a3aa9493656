/// What a program tells its caller when it ends. From 64 on the numbers are those of sysexits(3).
public enum ExitStatus: Int32, Sendable {
    /// Every selected exchange was answered.
    case success = 0
    /// The program ran, but some exchanges failed or were shed.
    case incomplete = 1
    /// The command line cannot be obeyed.
    case usage = 64
    /// A file holds what it should not.
    case dataError = 65
    /// A file to be read cannot be opened.
    case noInput = 66
    /// Something that is needed does not answer or is not there: an assistant, an interface, a next hop.
    case unavailable = 69
    /// A mistake of our own, such as a ledger that does not balance.
    case software = 70
    /// The system refused what should have been possible.
    case systemError = 71
    /// A file to be written cannot be created.
    case cannotCreate = 73
    /// A file that was to be written cannot be written any further.
    case writeError = 74
    /// A privilege is missing.
    case noPermission = 77
    /// The host is set up in a way that makes it dangerous or useless to start.
    case configuration = 78
}
