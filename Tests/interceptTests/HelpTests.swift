import ArgumentParser
import Testing

@testable import intercept

@Test func `help shows every option in its group, with its unit and its default`() {
    #expect(
        InterceptCommand.helpMessage(columns: 100) == """
            OVERVIEW: Capture the answers of a test host and relay their headers to tcpcopy.

            Runs on the assistant, the host to which the test host's route sends its answers. That host must
            not forward IP packets, or the answers reach the real clients. Exit status: 0 when stopped by a
            signal, 64 and above as sysexits(3).

            USAGE: intercept -i INTERFACE[,...] [-F FILTER] [options]

            CAPTURE:
              -i, --capture-interface <interface>
                                      Where the target's answers arrive, comma separated, or 'any'. (required)
              -F, --filter <filter>   pcap filter, e.g. 'tcp and src port 8080'. (default: derived from what
                                      tcpcopy asks for)
              -B, --capture-buffer <MiB>
                                      Kernel ring of each capture socket, MiB. (default: 64)
              --shards <count>        Event loops, each with its share of the answers; best as many as tcpcopy
                                      has. (default: 1)
              -D, --rewrite-destination <from-to>
                                      An address pair behind a container's NAT: answers to 'from' are relayed
                                      as answers to 'to'.
              --allow-forwarding      Start although this host forwards IP packets: the target's answers may
                                      reach real clients.

            RELAY:
              -p, --port <port>       TCP port for tcpcopy. (default: 36524)
              -b, --bind <address>    Address of this host for tcpcopy to connect to. (default: all)

            OPERATION:
              -l, --log-file <file>   Log there instead of standard error; opened anew on SIGHUP.
              --log-level <level>     error, warning, notice, info, debug or trace (trace: every packet in
                                      tcpdump's notation). (default: notice)
              -P, --pid-file <file>   Write the number of the process there; removed at the end.
              -d, --daemon            Run in the background once everything is open; needs -l.
              -v, --version           Show the version.

            ACCEPTED FOR OLD SCRIPTS (IGNORED):
              -s <number>             Hash size.
              -n <number>             Batch size.

            OPTIONS:
              -h, --help              Show help information.

            """)
}
