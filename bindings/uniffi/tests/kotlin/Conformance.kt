package stratum.trust.tests

import java.io.File
import stratum.trust.StratumException
import stratum.trust.call

/** The conformance vectors of the operations, through the border that an app uses: the comparison is exact. */
fun conformance(cases: Cases, vectors: File) {
    cases.case("vectors", "the comparison can fail") {
        val of = { text: String -> Json.parse(text) }
        assertEquals("/a/0 is 1.0, expected 1.0000000000000002", difference(of("""{"a": [1.0]}"""), of("""{"a": [1.0000000000000002]}""")))
        assertEquals("/a is 9007199254740993, expected 9007199254740992", difference(of("""{"a": 9007199254740993}"""), of("""{"a": 9007199254740992}""")))
        assertEquals("/a is missing", difference(of("{}"), of("""{"a": null}""")))
        assertEquals(null, difference(of("""{"a": 1, "b": 2}"""), of("""{"a": 1.0}""")))
    }
    val before = cases.size
    for (file in vectors.walk().filter { it.extension == "json" && it.name != "schema.json" }.sorted()) {
        val content = Json.parse(file.readText()) as Json.Members
        if (content["operation"] == null) continue
        val operation = content.text("operation")
        for (case in (content["cases"] as Json.Items).items.map { it as Json.Members }) {
            cases.case("vectors", "$operation: ${case.text("name")}") { compare(operation, case) }
        }
    }
    cases.case("vectors", "there are enough cases") { check(cases.size - before >= 300) { "${cases.size - before}" } }
}

private fun compare(operation: String, case: Json.Members) {
    val request = (case["request"] as Json.Members).source
    val problems = case["expect_problems"] as Json.Items?
    if (problems == null) {
        val expected = checkNotNull(case["expect"] ?: case["response"])
        difference(Json.parse(call(operation, request)), expected)?.let { error(it) }
        return
    }
    val expected = problems.items.map { it as Json.Members }.map { it.text("path") to it.text("code") }
    val found = refused { call(operation, request) }.map { it.path to it.code }
    val order = compareBy<Pair<String, String>>({ it.first }, { it.second })
    assertEquals(expected.sortedWith(order), found.sortedWith(order))
}

/** The problems that a call is refused with. */
inline fun refused(call: () -> Any?): List<stratum.trust.Problem> {
    try {
        call()
    } catch (refused: StratumException.Refused) {
        return refused.problems
    }
    error("nothing was refused")
}
