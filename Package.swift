// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "tcpcopy",
    products: [
        .executable(name: "tcpcopy", targets: ["tcpcopy"]),
        .executable(name: "intercept", targets: ["intercept"]),
        // For Benchmarks, which is a package of its own.
        .library(name: "ReplayParts", targets: ["Wire", "ReplayEngine", "HeaderRelay", "LinkLayer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // Parts, lowest first. Arrows point down only; an undeclared one fails the build in scripts/test.
        .target(name: "Wire", swiftSettings: settings),
        .target(name: "ReplayEngine", dependencies: ["Wire"], swiftSettings: settings),
        .target(
            name: "HeaderRelay",
            dependencies: [
                "Wire",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "CLibnet", providers: [.apt(["libnet1-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CLinux"),
        .target(
            name: "LinkLayer", dependencies: ["Wire", "CPcap", "CLibnet", "CZlib", "CLinux"], swiftSettings: settings),
        .target(
            name: "OperatorInterface",
            dependencies: [
                "CLinux",
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "tcpcopy",
            dependencies: [
                "Wire", "ReplayEngine", "HeaderRelay", "LinkLayer", "OperatorInterface",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "intercept",
            dependencies: [
                "Wire", "HeaderRelay", "LinkLayer", "OperatorInterface",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "WireTests", dependencies: ["Wire"], swiftSettings: settings),
        .testTarget(name: "ReplayEngineTests", dependencies: ["ReplayEngine", "Wire"], swiftSettings: settings),
        .testTarget(name: "SimulationTests", dependencies: ["ReplayEngine", "Wire"], swiftSettings: settings),
        .testTarget(
            name: "HeaderRelayTests",
            dependencies: [
                "HeaderRelay", "Wire",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "LinkLayerTests", dependencies: ["LinkLayer", "Wire", "CLinux"], swiftSettings: settings),
        .testTarget(
            name: "OperatorInterfaceTests",
            dependencies: ["OperatorInterface", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings),
        .testTarget(
            name: "tcpcopyTests",
            dependencies: [
                "tcpcopy", "HeaderRelay", "LinkLayer", "OperatorInterface", "ReplayEngine", "Wire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "interceptTests", dependencies: ["intercept"], swiftSettings: settings),
        .testTarget(name: "NamespaceTests", swiftSettings: settings),
    ]
)
