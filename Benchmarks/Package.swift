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
        .package(name: "tcpcopy", path: "..")
    ],
    targets: [
        // Stands before malloc and the like in the program that links it, and counts; its memory and processor time.
        .target(name: "CMeasure"),
        .target(name: "EngineLoad", dependencies: [parts], swiftSettings: settings),
        .executableTarget(
            name: "packet-path", dependencies: ["EngineLoad", "CMeasure", parts], swiftSettings: settings),
        .executableTarget(name: "recording-stream", dependencies: [parts], swiftSettings: settings),
        .executableTarget(name: "injection-rate", dependencies: [parts], swiftSettings: settings),
        .executableTarget(name: "capture-rate", dependencies: [parts], swiftSettings: settings),
        // The same calls from C: what injection and capture are held against.
        .executableTarget(
            name: "injection-floor",
            linkerSettings: [.linkedLibrary("pcap"), .linkedLibrary("net")]),
    ]
)
