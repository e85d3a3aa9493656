// Writes a recording to standard output, as it goes.
//
//   recording-stream MEGABYTES clients   what a thousand clients sent to 192.0.2.2:80, as a pcap file of that size
//   recording-stream MEGABYTES both      with the server's answers

import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 3, let megabytes = Int(arguments[1]), ["clients", "both"].contains(arguments[2]) else {
    fatalError("usage: recording-stream MEGABYTES clients|both")
}
var clients = RecordedClients(hasAnswers: arguments[2] == "both")
let size = megabytes * 1_000_000
var written = 0
var piece = RecordedClients.fileHeader
piece.reserveCapacity(1 << 20)
while written < size {
    while piece.count < 1_000_000 { clients.appendStep(to: &piece) }
    try FileHandle.standardOutput.write(contentsOf: piece)
    written += piece.count
    piece.removeAll(keepingCapacity: true)
}
