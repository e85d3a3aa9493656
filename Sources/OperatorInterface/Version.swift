/// The release that both programs belong to. They are told apart from TCPCopy 1.x by its first number.
public enum Version {
    public static let text = "2.0.0"
}
