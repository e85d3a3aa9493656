"""What tcpdump wrote of TCP over IPv4 on Ethernet."""
import collections
import struct

Segment = collections.namedtuple("Segment", "time source destination source_port destination_port flags payload")


def segments(path):
    """Its segments in order: time in ns since the epoch, addresses as bytes, bytes of payload."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xd4\xc3\xb2\xa1") else ">"
    nanoseconds = data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, captured, _ = struct.unpack_from(order + "IIII", data, at)
        frame = data[at + 16 : at + 16 + captured]
        at += 16 + captured
        if frame[12:14] != b"\x08\x00" or frame[23] != 6:
            continue
        tcp = 14 + (frame[14] & 15) * 4
        source, destination = struct.unpack_from(">HH", frame, tcp)
        payload = struct.unpack_from(">H", frame, 16)[0] - (tcp - 14) - (frame[tcp + 12] >> 4) * 4
        yield Segment(seconds * 1_000_000_000 + (fraction if nanoseconds else fraction * 1000), frame[26:30], frame[30:34],
                      source, destination, frame[tcp + 13], payload)


def percentiles(delays):
    """p50, p90 and p99 of them, and how many there are."""
    ordered = sorted(delays)
    return {"turns": len(ordered)} | {
        f"p{share}": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 1) if ordered else None for share in (50, 90, 99)}
