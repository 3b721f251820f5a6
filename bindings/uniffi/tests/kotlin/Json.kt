package stratum.trust.tests

import java.math.BigInteger

/** A JSON value. Numbers keep their text, so that nothing is rounded before it is compared. */
sealed interface Json {
    data object Null : Json
    data class Bool(val value: Boolean) : Json
    data class Number(val text: String) : Json {
        private val whole: BigInteger? get() = text.toBigIntegerOrNull()

        /** The same number: integers digit by digit, the others by the bits of the double that the text stands for. */
        fun isSame(other: Number): Boolean {
            val (mine, others) = whole to other.whole
            return if (mine != null && others != null) mine == others else text.toDouble() == other.text.toDouble()
        }
    }
    data class Text(val value: String) : Json
    data class Items(val items: List<Json>) : Json
    data class Members(val members: Map<String, Json>, val source: String) : Json {
        operator fun get(key: String): Json? = members[key]
        fun text(key: String): String = (members.getValue(key) as Text).value
    }

    companion object {
        fun parse(source: String): Json = Reader(source).whole()
    }
}

/** The first place that is not as expected: exact on the keys that are expected, lists and numbers exact. */
fun difference(found: Json?, expected: Json, place: String = ""): String? = when {
    found == null -> "$place is missing"
    expected is Json.Members && found is Json.Members ->
        expected.members.firstNotNullOfOrNull { (key, value) -> difference(found[key], value, "$place/$key") }
    expected is Json.Items && found is Json.Items ->
        if (expected.items.size != found.items.size) "$place has ${found.items.size} items, expected ${expected.items.size}"
        else expected.items.indices.firstNotNullOfOrNull { difference(found.items[it], expected.items[it], "$place/$it") }
    expected is Json.Number && found is Json.Number ->
        if (found.isSame(expected)) null else "$place is ${found.text}, expected ${expected.text}"
    else -> if (found == expected) null else "$place is $found, expected $expected"
}

private class Reader(private val source: String) {
    private var at = 0

    fun whole(): Json {
        val value = value()
        blanks()
        require(at == source.length) { "something follows the value at $at" }
        return value
    }

    private fun value(): Json {
        blanks()
        return when (source[at]) {
            '{' -> members()
            '[' -> items()
            '"' -> Json.Text(text())
            't' -> word("true", Json.Bool(true))
            'f' -> word("false", Json.Bool(false))
            'n' -> word("null", Json.Null)
            else -> number()
        }
    }

    private fun members(): Json {
        val start = at
        val members = LinkedHashMap<String, Json>()
        each('}') {
            blanks()
            val key = text()
            blanks()
            expect(':')
            members[key] = value()
        }
        return Json.Members(members, source.substring(start, at))
    }

    private fun items(): Json {
        val items = ArrayList<Json>()
        each(']') { items.add(value()) }
        return Json.Items(items)
    }

    /** Reads what stands between brackets, separated by commas. */
    private fun each(end: Char, one: () -> Unit) {
        at++
        blanks()
        if (source[at] == end) {
            at++
            return
        }
        while (true) {
            one()
            blanks()
            if (source[at] == end) break
            expect(',')
        }
        at++
    }

    private fun text(): String {
        expect('"')
        val text = StringBuilder()
        while (source[at] != '"') {
            val char = source[at++]
            if (char != '\\') {
                text.append(char)
                continue
            }
            when (val escaped = source[at++]) {
                'b' -> text.append('\b')
                'f' -> text.append('\u000c')
                'n' -> text.append('\n')
                'r' -> text.append('\r')
                't' -> text.append('\t')
                'u' -> {
                    text.append(source.substring(at, at + 4).toInt(16).toChar())
                    at += 4
                }
                else -> text.append(escaped)
            }
        }
        at++
        return text.toString()
    }

    private fun number(): Json {
        val start = at
        while (at < source.length && (source[at].isDigit() || source[at] in "+-.eE")) at++
        require(at > start) { "no value at $start" }
        return Json.Number(source.substring(start, at))
    }

    private fun word(word: String, value: Json): Json {
        require(source.startsWith(word, at)) { "no value at $at" }
        at += word.length
        return value
    }

    private fun expect(char: Char) {
        require(source[at] == char) { "expected $char at $at" }
        at++
    }

    private fun blanks() {
        while (at < source.length && source[at].isWhitespace()) at++
    }
}
