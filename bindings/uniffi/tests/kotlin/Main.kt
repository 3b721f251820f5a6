package stratum.trust.tests

import java.io.File
import kotlin.system.exitProcess

/** `tests VECTORS JUNIT LEAK_CALLS` runs every case; `costs` prints what a call costs. */
fun main(arguments: Array<String>) {
    if (arguments.contentEquals(arrayOf("costs"))) return costs()
    val (vectors, junit, calls) = arguments.drop(1)
    val cases = Cases()
    conformance(cases, File(vectors))
    border(cases)
    platforms(cases)
    cases.case("readme", "the example says what happens") { readmeExample() }
    leaks(cases, calls.toInt())
    cases.writeJunit(File(junit))
    println("kotlin: ${cases.size - cases.failed} passed, ${cases.failed} failed")
    exitProcess(if (cases.failed == 0) 0 else 1)
}
