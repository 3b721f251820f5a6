// swift-tools-version:5.9
import PackageDescription

let package = Package(
    name: "Stratum",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [
        .library(name: "Stratum", targets: ["Stratum"]),
    ],
    targets: [
        // Made by ./build-xcframework; not kept in the repository.
        .binaryTarget(name: "StratumFFI", path: "StratumFFI.xcframework"),
        .target(name: "Stratum", dependencies: ["StratumFFI"]),
    ]
)
