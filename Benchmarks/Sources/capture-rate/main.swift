// capture-rate blocks|immediate INTERFACE MILLISECONDS: takes frames through the project's capture and reads the TCP segment in
// each, as tcpcopy (blocks) and intercept (immediate, headers only) do, and prints how many, and how many the kernel dropped.

import Glibc
import LinkLayer
import Wire

let arguments = CommandLine.arguments
guard arguments.count == 4, let milliseconds = Int64(arguments[3]) else {
    print("usage: capture-rate blocks|immediate INTERFACE MILLISECONDS")
    exit(64)
}
var configuration = CaptureConfiguration(interface: arguments[2], filter: "tcp dst port 8080")
configuration.mode = arguments[1] == "immediate" ? .immediate : .blocks
if configuration.mode == .immediate { configuration.snapshotLength = 192 }
configuration.direction = .incoming
var capture = try LiveCapture(configuration)
var segments = 0
var first: Int64 = 0
var last: Int64 = 0
print("capturing")
fflush(nil)
let end = MonotonicClock.now + milliseconds * 1_000_000
while MonotonicClock.now < end {
    let linkType = capture.linkType
    let count = try capture.dispatch(limit: 4096) { frame in
        if (try? TCPSegment(frame: frame.bytes, linkType: linkType, wireLength: frame.wireLength)) != nil {
            segments += 1
        }
        if first == 0 { first = frame.timestamp }
        last = frame.timestamp
    }
    if count == 0 {
        var waiting = pollfd(fd: capture.descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&waiting, 1, 50)
    } else if configuration.mode == .immediate {
        // What intercept does while it is busy.
        usleep(50)
    }
}
let statistics = capture.statistics
let seconds = Double(max(last - first, 1)) / 1e9
print(
    #"{"taken":\#(segments),"received":\#(statistics.received),"drops":\#(statistics.kernelDrops),"seconds":\#(seconds)}"#
)
