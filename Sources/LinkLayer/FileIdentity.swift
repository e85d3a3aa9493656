import Glibc

/// Which file a path leads to, by whatever names and links: its device and inode or, of one that is not there yet, its folder's and
/// its name.
public struct FileIdentity: Equatable, Sendable {
    private let device: dev_t
    private let inode: ino_t
    private var name: Substring?

    /// A file that is there, or standard input; nil for what is no file on a disk.
    public init?(reading path: String) {
        var status = stat()
        let code = path == CaptureFile.standardInput ? unsafe fstat(STDIN_FILENO, &status) : unsafe stat(path, &status)
        guard code == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        (device, inode) = (status.st_dev, status.st_ino)
    }

    /// A file that is there or will be; nil for a device or a pipe, to which all may go.
    public init?(writing path: String) {
        var status = stat()
        if unsafe stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else { return nil }
            (device, inode) = (status.st_dev, status.st_ino)
            return
        }
        let end = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let folder = path[..<end]
        guard unsafe stat(folder.isEmpty ? "." : String(folder), &status) == 0 else { return nil }
        (device, inode, name) = (status.st_dev, status.st_ino, path[end...])
    }
}
