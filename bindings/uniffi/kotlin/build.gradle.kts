plugins {
    id("com.android.library") version "8.13.2"
    id("org.jetbrains.kotlin.android") version "2.3.0"
    `maven-publish`
}

group = "stratum.trust"
version = "0.1.0"

android {
    namespace = "stratum.trust"
    compileSdk = 36

    defaultConfig {
        // java.time, which instants are, came with this one.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    publishing {
        singleVariant("release")
    }
}

kotlin {
    jvmToolchain(17)
}

dependencies {
    // The archive for Android carries JNA's own native part for every ABI.
    implementation("net.java.dev.jna:jna:5.17.0@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.10.2")
}

// An archive without the native library would fail on the first call, on the phone of a user.
val nativeLibraries = fileTree("src/main/jniLibs") { include("*/libstratum_uniffi.so") }
tasks.named("preBuild") {
    doFirst {
        check(!nativeLibraries.isEmpty) { "src/main/jniLibs holds no libstratum_uniffi.so: build it first, README.md says how" }
    }
}

publishing {
    publications {
        register<MavenPublication>("release") {
            afterEvaluate { from(components["release"]) }
        }
    }
}
