package stratum.trust.tests

import java.lang.management.ManagementFactory
import stratum.trust.*

/** Prints what one call costs in processor time, the best of five rounds: what else the machine does hardly shows. */
fun costs() {
    val health = evaluateHealth(facts())
    val gate = GateFacts(TENANT, GateSubject.BUDGET_INCREASE, listOf(Platform.META), NOON, snapshots = listOf(health))
    val request = """{"facts": {"tenant_id": "$TENANT", "platform": "META", "now": "2026-03-01T12:00:00Z", "components": {"EMQ": 90, "API_HEALTH": 95}}}"""
    measure("evaluateHealth, records") { evaluateHealth(facts()) }
    measure("evaluateGate, records") { evaluateGate(gate) }
    measure("call(\"health.evaluate\"), JSON text") { call("health.evaluate", request) }
}

private fun measure(what: String, call: () -> Any) {
    val clock = ManagementFactory.getThreadMXBean()
    val calls = 20_000
    repeat(calls) { call() }
    val best = (1..5).minOf {
        val start = clock.currentThreadCpuTime
        repeat(calls) { call() }
        clock.currentThreadCpuTime - start
    }
    println("kotlin  %-36s %6.1f us  %,9.0f calls/s".format(what, best / 1e3 / calls, calls * 1e9 / best))
}
