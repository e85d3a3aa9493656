import Benchmark
import CMeasure
import EngineLoad

/// Held by reference, since the package hands on by value what a setup returns.
private final class Load {
    var engine: EngineLoad

    init(sessions: Int) {
        engine = EngineLoad(sessions: sessions)
        engine.warmUp()
    }
}

/// What one iteration measures.
private let exchanges = 200_000
/// Of the thread that runs them: the package's own processor time counts in steps of 10 ms, which is 4 % here.
private let nanoseconds = BenchmarkMetric.custom("ns of processor time an exchange")
private let packets = BenchmarkMetric.custom("packets of 100 exchanges")

extension Int {
    fileprivate func dividedRounded(by divisor: Int) -> Int { (self + divisor / 2) / divisor }
}

let benchmarks: @Sendable () -> Void = {
    for sessions in [1, 1_000, 100_000, 1_000_000] {
        Benchmark(
            "\(sessions) sessions",
            configuration: .init(
                metrics: [.cpuTotal, .wallClock, .throughput, nanoseconds, packets],
                warmupIterations: 0, maxDuration: .seconds(600), maxIterations: 7),
            closure: { benchmark, load in
                let before = load.engine.packets
                let start = processor_time()
                load.engine.run(exchanges: exchanges)
                let elapsed = Int(processor_time() - start)
                benchmark.measurement(nanoseconds, elapsed.dividedRounded(by: exchanges))
                benchmark.measurement(packets, ((load.engine.packets - before) * 100).dividedRounded(by: exchanges))
                precondition(load.engine.answered == load.engine.selected, "all exchanges are answered")
            },
            setup: { Load(sessions: sessions) })
    }
}
