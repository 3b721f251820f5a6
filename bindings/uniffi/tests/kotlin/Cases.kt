package stratum.trust.tests

import java.io.File

/** The cases of a run; one that throws has failed. */
class Cases {
    private class Case(val room: String, val name: String, val failure: Throwable?, val seconds: Double)

    private val done = ArrayList<Case>()
    val failed: Int get() = done.count { it.failure != null }
    val size: Int get() = done.size

    fun case(room: String, name: String, test: () -> Unit) {
        val start = System.nanoTime()
        val failure = runCatching(test).exceptionOrNull()
        failure?.let { println("FAILED $room: $name: $it") }
        done.add(Case(room, name, failure, (System.nanoTime() - start) / 1e9))
    }

    fun writeJunit(file: File) {
        val text = StringBuilder("<testsuite name=\"kotlin\" tests=\"$size\" failures=\"$failed\">\n")
        for (case in done) {
            text.append("<testcase classname=\"kotlin ${escaped(case.room)}\" name=\"${escaped(case.name)}\" time=\"${case.seconds}\">")
            case.failure?.let { text.append("<failure message=\"${escaped(it.toString())}\">${escaped(it.stackTraceToString())}</failure>") }
            text.append("</testcase>\n")
        }
        file.parentFile.mkdirs()
        file.writeText("$text</testsuite>\n")
    }

    private fun escaped(text: String) =
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
}

fun <T> assertEquals(expected: T, found: T) = check(expected == found) { "found $found, expected $expected" }
