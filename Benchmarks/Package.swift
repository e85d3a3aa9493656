// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let parts: Target.Dependency = .product(name: "ReplayParts", package: "tcpcopy")

let package = Package(
    name: "Benchmarks",
    dependencies: [
        .package(name: "tcpcopy", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // Without its traits, which bring what stands before malloc and Swift's runtime to count their calls.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        // Stands before malloc and the like in the program that links it, and counts; its memory and processor time.
        .target(name: "CMeasure"),
        .target(name: "EngineLoad", dependencies: [parts], swiftSettings: settings),
        .executableTarget(
            name: "packet-path", dependencies: ["EngineLoad", "CMeasure", parts], swiftSettings: settings),
        // Its plugin takes for benchmarks what lies in a folder of that name.
        .executableTarget(
            name: "PacketPath",
            dependencies: ["EngineLoad", "CMeasure", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/PacketPath", swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
        .executableTarget(
            name: "relay-path",
            dependencies: [
                "CMeasure", parts,
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings),
        .executableTarget(name: "recording-stream", dependencies: [parts], swiftSettings: settings),
        .executableTarget(name: "injection-rate", dependencies: [parts], swiftSettings: settings),
        .executableTarget(name: "capture-rate", dependencies: [parts], swiftSettings: settings),
        // The same calls from C: what injection and capture are held against.
        .executableTarget(
            name: "injection-floor",
            linkerSettings: [.linkedLibrary("pcap"), .linkedLibrary("net")]),
    ]
)
