import Testing
import Wire

@Suite struct SegmentHeaderTests {
    private func header(_ flags: TCPFlags, payloadLength: Int = 0, options: TCPOptions = TCPOptions()) -> SegmentHeader
    {
        SegmentHeader(
            flow: Flow(from: Endpoint(Sample.clientV4, 40_000), to: Endpoint(Sample.targetV4, 80)),
            sequence: SequenceNumber(1001), acknowledgement: SequenceNumber(7001), flags: flags, window: 502,
            urgentPointer: 3, options: options, payloadLength: payloadLength)
    }

    @Test func `segments are described in tcpdump's notation`() {
        var options = TCPOptions()
        options.maximumSegmentSize = 1460
        options.sackPermitted = true
        options.timestamps = TCPTimestamps(value: 10, echo: 0)
        options.windowScale = 7
        #expect(
            header(.syn, options: options).description
                == "192.0.2.1.40000 > 198.51.100.2.80: S 1001:1001(0) win 502 <mss 1460,sackOK,TS val 10 ecr 0,wscale 7>"
        )
        #expect(header([.psh, .ack], payloadLength: 100).segment == "P. 1001:1101(100) ack 7001 win 502")
        #expect(header(.rst).segment == "R 1001:1001(0) win 502")
        #expect(header([.urg, .ack], payloadLength: 1).segment == "U. 1001:1002(1) ack 7001 win 502 urg 3")
        #expect(header([]).segment == "none 1001:1001(0) win 502")
        var blocks = TCPOptions()
        blocks.sackBlocks.append(SequenceRange(SequenceNumber(5), SequenceNumber(9)))
        blocks.sackBlocks.append(SequenceRange(SequenceNumber(1), SequenceNumber(3)))
        #expect(header(.ack, options: blocks).segment == ". 1001:1001(0) ack 7001 win 502 <sack 5:9,sack 1:3>")
    }

    @Test func `an IPv6 flow is described as tcpdump does`() {
        let flow = Flow(from: Endpoint(Sample.clientV6, 40_000), to: Endpoint(Sample.targetV6, 80))
        #expect(flow.description == "2001:db8::1.40000 > 2001:db8:1::2.80")
        #expect(flow.source.description == "[2001:db8::1]:40000")
        #expect(Endpoint(Sample.clientV4, 1).description == "192.0.2.1:1")
    }

    @Test func `SYN and FIN take a place in sequence space, over the wrap too`() {
        #expect(header(.syn).sequenceLength == 1 && header([.fin, .ack], payloadLength: 5).sequenceLength == 6)
        #expect(header([.syn, .fin]).sequenceLength == 2 && header([.rst, .ack]).sequenceLength == 0)
        var last = header([.fin, .ack], payloadLength: 10)
        last.sequence = SequenceNumber(.max - 4)
        #expect(last.sequenceEnd.rawValue == 6)
        #expect(last.segment.hasPrefix("F. 4294967291:5(10)"))
    }

    @Test func `all flags come back from their letters`() {
        for bits in UInt8.min...UInt8.max {
            let flags = TCPFlags(rawValue: bits)
            #expect(TCPFlags(flags.description) == flags)
        }
        #expect(TCPFlags("x") == nil && TCPFlags("S,") == nil && TCPFlags("s") == nil)
    }
}
