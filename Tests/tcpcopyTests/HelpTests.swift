import ArgumentParser
import Testing

@testable import tcpcopy

@Test func `help shows every option in its group, with its unit and its default`() {
    #expect(
        TcpcopyCommand.helpMessage(columns: 100) == """
            OVERVIEW: Replay live TCP and UDP traffic to a test host, which takes it for that of real clients.

            Its partner on the assistant host is intercept. Exit status: 0 every selected exchange was
            answered, 1 some failed or were shed, 64 and above as sysexits(3).

            USAGE: tcpcopy -x TRANSFER[,TRANSFER...] -s ASSISTANT[:PORT][,...] [options]

            WHAT TO COPY:
              -x, --transfer <transfer>
                                      What to copy where, comma separated:
                                      [onlineIP:]onlinePort[@sourceMAC]-targetIP:targetPort[@nextHopMAC]. IPv6
                                      in brackets. Without onlineIP: every address of the capture interface.
                                      Without MACs: looked up. Before it may stand tcp/, udp/, or udp-oneway/
                                      for UDP that nobody answers. (required, except to record only)
              --udp                   Transfers without tcp/ or udp/ before them are of UDP rather than TCP.
              -s, --assistant <host>  Hosts that run intercept, comma separated: HOST[:PORT]. (required, except
                                      with --dry-run or to record only)
              -p, --port <port>       Assistants' TCP port where -s names none. (default: 36524)
              -L, --lonely            Start although no assistant answers. (Once running it never exits for
                                      that.)
              --relay-protocol <version>
                                      Protocol spoken with intercept: 2, or 1 for an intercept of TCPCopy 1.x,
                                      IPv4 only. (default: 2)

            CAPTURE:
              -i, --capture-interface <interface>
                                      Where to listen, comma separated, or 'any'. (default: the interface that
                                      holds onlineIP, else any)
              -F, --filter <filter>   pcap filter instead of the one derived from -x.
              -B, --capture-buffer <MiB>
                                      Kernel ring of each capture socket, MiB. (default: 64)
              -S, --snaplen <bytes>   Bytes kept of each captured packet. (default: 262144)

            RECORDING:
              --record <file>         Write what is captured to this pcapng file. Without -x nothing is
                                      replayed, and -F says what is recorded.
              --record-size <MB>      Begin the next file when one is that large, MB of 1,000,000 bytes. Files
                                      are then numbered. (default: none)
              --record-time <s>       Begin the next file after so many seconds. Files are then numbered.
                                      (default: none)
              --record-keep <count>   Keep so many files, and remove the oldest; with --record-size or
                                      --record-time. (default: all)

            CAPTURE FILES:
              --offline <file>        Replay these capture files instead of live traffic, comma separated,
                                      merged by time: pcap or pcapng, gzip or not; - is standard input.
              -a, --speed <factor>    Times faster than recorded, or max: as fast as the target answers.
                                      (default: 1)
              -I, --max-gap <ms>      Longest pause kept of the recording, ms. (default: none)
              -T, --times <count>     Play the files so many times; 0 for until stopped. (default: 1)

            INJECTION:
              --dlinject              Inject whole Ethernet frames (data link) rather than raw IP packets.
              --injector <call>       By which call frames are sent: pcap (pcap_inject), libnet, or packet
                                      (batched AF_PACKET); with --dlinject. (default: pcap)
              -o, --output-interface <interface>
                                      Where frames leave; with --dlinject. (default: from the route)
              -M, --mtu <bytes>       Largest IP packet towards the target, bytes. (default: the interface's)
              -D, --mss <bytes>       MSS offered in SYNs that tcpcopy makes itself, bytes. (default: from -M
                                      and the address family)

            CLIENTS:
              -c, --client-address <addresses>
                                      Replace client addresses by these, comma separated: addresses, a.b.c.x
                                      (for a.b.c.1 to a.b.c.254), networks as 10.1.0.0/16 or 2001:db8::/64.
                                      (default: keep the client's)
              -H, --localhost-address <address>
                                      The address that stands for clients at 127.0.0.1; without -c.
              -n, --copies <count>    Replay every session this many times, 1 to 1023; copies have ports of
                                      their own. (default: 1)
              -f, --port-shift <number>
                                      Which sixteenth of the ports rewritten ports are taken from, 1 to 15, or
                                      0 for all: give each tcpcopy host a different number. (default: 0)
              -r, --percent <percent> Share of the clients whose sessions are replayed, %, 1 to 100; the same
                                      clients in every run. (default: 100)
              -g, --ramp              Begin with 1 % of the clients and add 1 point a second, up to -r.
              -O, --only-full-sessions
                                      Ignore sessions whose SYN was not seen.

            REPLAY:
              -W, --no-wait           Do not wait for an answer before the next request.
              --on-hole <way>         When capture lost bytes for good: reopen the session at its next
                                      exchange, or end it. (default: reopen)
              -R, --rtt <ms>          How late acknowledgements are sent, ms, to imitate a far client.
                                      (default: the client's round trip, measured at its handshake)
              -m, --memory <MB>       What sessions and waiting payload may take, MB of 1,000,000 bytes; beyond
                                      it whole sessions are shed, the newest first. One session may take a
                                      quarter of it. (default: 1024)
              -t, --session-timeout <s>
                                      Without a word from the target for so long a session fails, s. (default:
                                      600)
              -k, --keepalive-timeout <s>
                                      How long an answered, idle session is kept, s. (default: -t + 120)
              --shards <count>        Worker event loops, each with a share of the sessions. (default: online
                                      CPUs - 1, at least 1)
              --dry-run               Run the engine against a built-in answering target: captures, injects
                                      nothing, needs no -s.
              --ledger <file>         Write the ledger there as JSON, every 30 s and at the end.

            OPERATION:
              -l, --log-file <file>   Log there instead of standard error; opened anew on SIGHUP.
              --log-level <level>     error, warning, notice, info, debug or trace (trace: every packet in
                                      tcpdump's notation). (default: notice)
              -P, --pid-file <file>   Write the number of the process there; removed at the end.
              -d, --daemon            Run in the background once everything is open; needs -l.
              -v, --version           Show the version.

            ACCEPTED FOR OLD SCRIPTS (IGNORED):
              -U <number>             Session pool.
              -C <number>             Connections to each assistant.

            OPTIONS:
              -h, --help              Show help information.

            """)
}
