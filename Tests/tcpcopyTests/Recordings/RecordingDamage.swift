import Wire

/// What can become of frames between the wire and the file.
extension [RecordedFrame] {
    private func chosen(_ share: Double, using generator: inout SplitMix, where condition: (Element) -> Bool) -> Set<
        Int
    > {
        Set(indices.filter { condition(self[$0]) && Double.random(in: 0..<1, using: &generator) < share })
    }

    /// The capture began and ended in the middle.
    func cut(from start: Int64, to end: Int64) -> Self { filter { (start..<end).contains($0.time) } }

    /// The capture lost a share of what clients sent, but for their SYNs.
    func losing(_ share: Double, using generator: inout SplitMix) -> Self {
        let lost = chosen(share, using: &generator) { $0.isClient && !$0.header.flags.contains(.syn) }
        return indices.filter { !lost.contains($0) }.map { self[$0] }
    }

    /// A share was captured twice, the second time a few frames later.
    func duplicating(_ share: Double, using generator: inout SplitMix) -> Self {
        moved(chosen(share, using: &generator) { _ in true }, keeping: true, using: &generator)
    }

    /// A share was captured late, but not before the session was well begun.
    func reordering(_ share: Double, using generator: inout SplitMix) -> Self {
        var seen: [Int: Int] = [:]
        let settled = map { frame in
            seen[frame.session, default: 0] += 1
            return seen[frame.session, default: 0] > 6
        }
        let late = chosen(share, using: &generator) { _ in true }.filter { settled[$0] }
        return moved(late, keeping: false, using: &generator)
    }

    private func moved(_ chosen: Set<Int>, keeping: Bool, using generator: inout SplitMix) -> Self {
        var result: Self = []
        var waiting: [(due: Int, frame: RecordedFrame)] = []
        for index in indices {
            if keeping || !chosen.contains(index) { result.append(self[index]) }
            if chosen.contains(index) {
                waiting.append((index + Int.random(in: 1...12, using: &generator), self[index]))
            }
            result += waiting.filter { $0.due <= index }.map(\.frame)
            waiting.removeAll { $0.due <= index }
        }
        return result + waiting.map(\.frame)
    }

    /// A share arrived in a VLAN.
    func tagging(_ share: Double, using generator: inout SplitMix) -> Self {
        let tagged = chosen(share, using: &generator) { _ in true }
        return indices.map { index in
            var frame = self[index]
            if tagged.contains(index) { frame.vlan = 7 }
            return frame
        }
    }

    /// The snapshot length cut a share of the clients' payloads.
    func truncating(_ share: Double, using generator: inout SplitMix) -> Self {
        let cut = chosen(share, using: &generator) { $0.isClient && $0.length > 200 }
        return indices.map { index in
            var frame = self[index]
            if cut.contains(index) { frame.captured = 100 }
            return frame
        }
    }

    /// A share was cut into IP fragments, which came in any order; of some of these one was lost.
    ///
    /// - Returns: the frames as they stand in the file, and as they are worth.
    func fragmenting(_ share: Double, losing lossShare: Double, using generator: inout SplitMix) -> (
        file: Self, worth: Self
    ) {
        var (file, worth): (Self, Self) = ([], [])
        for (index, frame) in enumerated() {
            guard frame.length > 100, frame.captured == nil, Double.random(in: 0..<1, using: &generator) < share else {
                file.append(frame)
                worth.append(frame)
                continue
            }
            var fragments = frame.fragments(identification: UInt16(truncatingIfNeeded: index), using: &generator)
            if frame.isClient, Double.random(in: 0..<1, using: &generator) < lossShare {
                fragments.remove(at: Int.random(in: fragments.indices, using: &generator))
            } else {
                worth.append(frame)
            }
            file += fragments
        }
        return (file, worth)
    }
}

extension RecordedFrame {
    /// In any order.
    fileprivate func fragments(identification: UInt16, using generator: inout SplitMix) -> [RecordedFrame] {
        let payload = Array(packet[20...])
        let size = 8 * Int.random(in: 2...60, using: &generator)
        return stride(from: 0, to: payload.count, by: size).map { start in
            let part = payload[start..<min(start + size, payload.count)]
            var fragment = self
            let place = UInt16(start / 8) | (part.endIndex == payload.endIndex ? 0 : 0x2000)
            fragment.packet = Array(packet[..<20]) + part
            for (position, value) in [(2, UInt16(20 + part.count)), (4, identification), (6, place)] {
                fragment.packet[position] = UInt8(value >> 8)
                fragment.packet[position + 1] = UInt8(truncatingIfNeeded: value)
            }
            return fragment
        }.shuffled(using: &generator)
    }
}
