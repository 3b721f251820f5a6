package stratum.trust.tests

import java.io.File
import java.time.Duration
import java.time.Instant
import stratum.trust.*

const val TENANT = "0198c9a0-0000-7000-8000-000000000001"
const val PERSON = "0198c9a0-0000-7000-8000-0000000000aa"
val NOON: Instant = Instant.parse("2026-03-01T12:00:00Z")
val FULL: Map<HealthComponent, Double?> = mapOf(
    HealthComponent.EMQ to 90.0,
    HealthComponent.API_HEALTH to 95.0,
    HealthComponent.EVENT_LOSS to 95.0,
    HealthComponent.PLATFORM_STABILITY to 100.0,
    HealthComponent.DATA_QUALITY to 98.0,
)

/** Facts of a healthy Meta, unless something else is asked for. */
fun facts(components: Map<HealthComponent, Double?> = FULL, now: Instant = NOON) =
    HealthFacts(TENANT, Platform.META, now, components = components, dataAsOf = now.minus(Duration.ofHours(1)))

fun List<Problem>.places() = map { it.path to it.code }

/** What crosses the border, and what does not. */
fun border(cases: Cases) {
    cases.case("border", "no panic crosses it and the next call works") {
        repeat(3) {
            val problems = refused { panicForTests() }
            assertEquals(listOf("" to "internal"), problems.places())
            check("asked for by a test" in problems[0].message)
            assertEquals(94.05, evaluateHealth(facts()).score)
        }
    }
    cases.case("border", "records carry every value of health and gate") {
        val health = evaluateHealth(facts(FULL + (HealthComponent.API_HEALTH to null)))
        assertEquals(NOON to NOON.minus(Duration.ofHours(1)), health.computedAt to health.dataAsOf)
        assertEquals(listOf(HealthComponent.API_HEALTH), health.components.filter { it.score == null }.map { it.name })
        val answer = evaluateGate(
            GateFacts(TENANT, GateSubject.PAUSE_ADSET, listOf(Platform.META), NOON.plusSeconds(60), snapshots = listOf(health)),
            TrustPolicy(profile = GateProfile.CAUTIOUS),
        )
        assertEquals(GateDecision.HOLD, answer.decision)
        assertEquals(listOf(GateReason.COMPONENT_MISSING to HealthComponent.API_HEALTH), answer.reasons.map { it.code to it.component })
        assertEquals(RemedyCode.MEASURE_COMPONENT, answer.remedies[0].code)
    }
    cases.case("border", "an event keeps properties that no record names") {
        val email = Identifier(IdentifierType.EMAIL, "ada@example.org")
        val event = Event(NOON, listOf(email), eventName = "Purchase", properties = """{"value": 12.5, "currency": "USD"}""")
        check(scoreEvent(event, NOON).score > 0)
        val problems = refused { scoreEvent(event.copy(properties = "no JSON"), NOON) }
        assertEquals(listOf("/event/properties" to "wrong_type"), problems.places())
    }
    cases.case("border", "limits are checked with records") {
        val raise = Change.Budget(BudgetKind.DAILY, 10_000, 13_000, "USD")
        val subject = CheckSubject(ActionType.BUDGET_INCREASE, EntityType.CAMPAIGN, "238512", raise)
        val known = EnforcementFacts(NOON, NOON.plus(Duration.ofHours(12)), "USD", 0, budget = EntityBudget(BudgetKind.DAILY, 10_000, true))
        val answer = checkEnforcement(LimitFacts(subject, known), EnforcementSettings(maxDailyBudgetIncreasePct = 20.0))
        check(answer.violations.any { it.kind == ViolationKind.DAILY_INCREASE && it.allowedMaxCents == 12_000L })
        assertEquals(false, answer.allowed)
    }
    cases.case("border", "every problem comes at once with its place") {
        val problems = refused { call("health.evaluate", """{"facts": {"platform": "LINKEDIN", "colour": "red"}}""") }
        val expected = setOf(
            "/facts/tenant_id" to "missing_field",
            "/facts/now" to "missing_field",
            "/facts/platform" to "unknown_value",
            "/facts/colour" to "unknown_field",
        )
        assertEquals(expected, problems.places().toSet())
        assertEquals("write one of: META, GOOGLE, TIKTOK, SNAPCHAT", problems.first { it.path == "/facts/platform" }.help)
    }
    for (number in listOf(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)) {
        cases.case("border", "$number is refused with its place") {
            val measured = refused { evaluateHealth(facts(mapOf(HealthComponent.EMQ to number))) }
            assertEquals(listOf("/facts/components/EMQ" to "not_a_number"), measured.places())
            val policy = refused { evaluateHealth(facts(), TrustPolicy(healthyThreshold = number)) }
            assertEquals(listOf("/policy/healthy_threshold" to "not_a_number"), policy.places())
        }
    }
    cases.case("border", "an instant that cannot be written is refused") {
        val problems = refused { evaluateHealth(facts(now = Instant.parse("+12345-01-01T00:00:00Z"))) }
        assertEquals(listOf("out_of_range"), problems.map { it.code })
    }
    cases.case("border", "every operation is listed and an unknown one is answered with them") {
        val listed = operations()
        check(listed.size >= 8 && listed.all { it.doc.isNotEmpty() && Json.parse(it.requestSchema) is Json.Members })
        val problem = refused { call("gate.guess", "{}") }.single()
        assertEquals("unknown_operation", problem.code)
        check(listed.all { it.name in problem.help!! })
    }
    cases.case("border", "many threads may call at once") {
        val expected = evaluateHealth(facts())
        val found = java.util.Collections.synchronizedList(ArrayList<HealthSnapshot>())
        val threads = List(8) { Thread { repeat(200) { found.add(evaluateHealth(facts())) } } }
        threads.forEach(Thread::start)
        threads.forEach(Thread::join)
        assertEquals(1600, found.size)
        check(found.all { it == expected })
    }
}

/** Calls without end leave nothing behind, on either side of the border. */
fun leaks(cases: Cases, calls: Int) {
    cases.case("memory", "$calls calls of each kind leave it flat") {
        val gate = { health: HealthSnapshot ->
            GateFacts(TENANT, GateSubject.BUDGET_INCREASE, listOf(Platform.META), NOON, snapshots = listOf(health))
        }
        val request = """{"facts": {"tenant_id": "$TENANT", "platform": "META", "now": "2026-03-01T12:00:00Z"}}"""
        val batch = { times: Int ->
            repeat(times) {
                evaluateGate(gate(evaluateHealth(facts())))
                call("health.evaluate", request)
                refused { call("health.evaluate", "{}") }
            }
        }
        // The first calls fill the caches of both sides; what grows after them is a leak.
        batch(maxOf(calls / 10, 5_000))
        System.gc()
        val before = resident()
        batch(calls)
        System.gc()
        val grown = resident() - before
        println("memory: $calls calls of each of four kinds grew the process by ${grown / 1024} kB")
        check(grown < 24 * 1024 * 1024) { "grew by $grown bytes" }
    }
}

/** What the process holds in memory, in bytes; 0 where the system does not say. */
private fun resident(): Long {
    val status = File("/proc/self/status")
    if (!status.exists()) return 0
    return status.readLines().first { it.startsWith("VmRSS:") }.filter(Char::isDigit).toLong() * 1024
}
