// A module of its own, and a composite build: `includeBuild("…/bindings/uniffi/kotlin")` in your settings.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "stratum-trust"
