package stratum.trust.tests

import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import stratum.trust.*

/** A platform that remembers what it was asked, and answers as it is told. */
private class Ledger(
    private val lookUp: CallOutcome = CallOutcome.Unknown,
    private val answer: suspend (Int) -> String? = { "receipt-$it" },
) : AdPlatform {
    val calls: MutableList<ChangeRequest> = java.util.Collections.synchronizedList(ArrayList())

    override suspend fun apply(change: ChangeRequest): String? {
        calls.add(change)
        return answer(calls.size)
    }

    override suspend fun outcomeOf(entity: EntityRef, idempotencyKey: String): CallOutcome = lookUp
}

private fun pilot(platform: AdPlatform, limits: EnforcementSettings? = null): Autopilot {
    val pilot = Autopilot(TENANT, "USD", platform, limits = limits)
    pilot.setFigures(
        Platform.META, "238512", CampaignFigures(revenueCents = 500_000, roas = 5.0, spendCents = 100_000),
        budget = EntityBudget(BudgetKind.DAILY, 10_000, true), exposure = Exposure(frequency = 1.0),
    )
    return pilot
}

/** An approved raise from 100.00 to 115.00. */
private suspend fun approved(pilot: Autopilot, number: Int = 1): Action {
    val raise = Change.Budget(BudgetKind.DAILY, 10_000, 11_500, "USD")
    val id = "0198c9a0-0000-7000-8000-%012x".format(0xb00 + number)
    pilot.propose(Proposal(id, ActionType.BUDGET_INCREASE, Platform.META, EntityType.CAMPAIGN, "238512", raise), NOON)
    return pilot.approve(id, PERSON, NOON)
}

private fun healthy(now: Instant = NOON) = evaluateHealth(facts(now = now))

/** A platform written in Kotlin, driven by the autopilot. */
fun platforms(cases: Cases) {
    fun case(name: String, test: suspend () -> Unit) = cases.case("platform", name) { runBlocking { test() } }

    case("an approved action that passes is applied once, and stands in the audit chain") {
        val platform = Ledger()
        val pilot = pilot(platform)
        val action = approved(pilot)
        assertEquals(ActionState.APPROVED, action.state)
        pilot.putSnapshot(healthy())
        assertEquals(listOf(Visited(action.id, Step.Applied)), pilot.run(NOON))
        assertEquals(emptyList(), pilot.run(NOON))
        val asked = platform.calls.single()
        assertEquals(action.id to EntityRef(TENANT, Platform.META, EntityType.CAMPAIGN, "238512"), asked.idempotencyKey to asked.entity)
        assertEquals(action.change, asked.change)
        check(asked.notAfter > NOON)
        assertEquals(ActionState.APPLIED, pilot.actions().single().state)
        val chain = pilot.audit()
        check("\"INTENT\"" in chain && chain.indexOf("\"INTENT\"") < chain.indexOf("\"APPLIED\""))
        assertEquals(Json.Bool(true), (Json.parse(call("audit.verify", chain)) as Json.Members)["ok"])
    }
    case("without health the action waits and the platform is not called") {
        val platform = Ledger()
        val pilot = pilot(platform)
        val action = approved(pilot)
        assertEquals(listOf(Visited(action.id, Step.Waits(WaitingFor.GATE, null))), pilot.run(NOON))
        assertEquals(0, platform.calls.size)
        pilot.putSnapshot(healthy())
        assertEquals(Step.Applied, pilot.run(NOON).single().step)
    }
    case("the kill switch stops what would pass") {
        val platform = Ledger()
        val pilot = pilot(platform)
        approved(pilot)
        pilot.putSnapshot(healthy())
        assertEquals(true, pilot.freeze(true, PERSON, "the pixel is broken", NOON))
        assertEquals(Step.Waits(WaitingFor.KILL_SWITCH, null), pilot.run(NOON).single().step)
        assertEquals(true, pilot.freeze(false, PERSON, "repaired", NOON))
        assertEquals(Step.Applied, pilot.run(NOON).single().step)
    }
    case("a hard limit fails the action") {
        val platform = Ledger()
        val limits = EnforcementSettings(maxDailyBudgetIncreasePct = 10.0, defaultMode = EnforcementMode.HARD_BLOCK)
        val pilot = pilot(platform, limits)
        val problem = refused { runBlocking { approved(pilot) } }.single()
        assertEquals("not_allowed_to_approve", problem.code)
        assertEquals(0, platform.calls.size)
    }
    for ((code, expected) in listOf(
        PlatformErrorCode.REFUSED to Step.Ended(StatusReason.PLATFORM_REFUSED),
        PlatformErrorCode.RATE_LIMITED to Step.Released(1500u),
        PlatformErrorCode.UNKNOWN to Step.Open,
    )) {
        case("$code thrown by the platform decides what becomes of the action") {
            val platform = Ledger { throw PlatformException.Failed(PlatformFailure(code, "no", retryAfterMs = 1500)) }
            val pilot = pilot(platform)
            approved(pilot)
            pilot.putSnapshot(healthy())
            assertEquals(expected, pilot.run(NOON).single().step)
        }
    }
    case("after an unexpected exception nobody knows and the change is never sent again") {
        val platform = Ledger { throw java.net.SocketException("peer went away") }
        val pilot = pilot(platform)
        approved(pilot)
        pilot.putSnapshot(healthy())
        assertEquals(Step.Open, pilot.run(NOON).single().step)
        for (minutes in listOf(1L, 3L, 10L)) pilot.run(NOON.plus(Duration.ofMinutes(minutes)))
        val action = pilot.actions().single()
        assertEquals(ActionState.FAILED to StatusReason.OUTCOME_UNKNOWN, action.state to action.statusReason)
        assertEquals(1, platform.calls.size)
    }
    case("a lost answer is looked up") {
        val id = "0198c9a0-0000-7000-8000-000000000b01"
        val platform = Ledger(CallOutcome.Applied(Applied(id, NOON))) { throw java.io.IOException("no answer") }
        val pilot = pilot(platform)
        approved(pilot)
        pilot.putSnapshot(healthy())
        assertEquals(Step.Open, pilot.run(NOON).single().step)
        assertEquals(Step.Applied, pilot.run(NOON.plus(Duration.ofMinutes(3))).single().step)
        assertEquals(1, platform.calls.size)
    }
    case("a platform may suspend, and many runs execute each action once") {
        val platform = Ledger { delay(1); null }
        val pilot = pilot(platform, EnforcementSettings(maxChangesPerDay = 1000, minHoursBetweenChanges = 0, maxDailyBudgetIncreasePct = 100.0))
        repeat(12) { approved(pilot, it) }
        pilot.putSnapshot(healthy())
        val runs = List(4) { kotlinx.coroutines.CoroutineScope(Dispatchers.Default).async { pilot.run(NOON) } }.awaitAll()
        assertEquals(12, platform.calls.map { it.idempotencyKey }.toSet().size)
        assertEquals(12, platform.calls.size)
        check(runs.flatten().count { it.step == Step.Applied } == 12)
    }
    case("everything wrong with a proposal is named") {
        val pilot = pilot(Ledger())
        val lowered = Change.Budget(BudgetKind.DAILY, 10_000, 9_000, "USD")
        val proposal = Proposal("0198c9a0-0000-7000-8000-000000000b01", ActionType.BUDGET_INCREASE, Platform.META, EntityType.CAMPAIGN, "", lowered, ttlHours = 100u)
        val problems = refused { runBlocking { pilot.propose(proposal, NOON) } }
        assertEquals(setOf("length", "out_of_range", "wrong_direction"), problems.map { it.code }.toSet())
        val nobody = refused { Autopilot("nobody", "dollars", Ledger(), TrustPolicy(healthyThreshold = 170.0)) }
        check(nobody.map { it.path }.containsAll(listOf("/tenant_id", "/currency", "/policy/healthy_threshold"))) { "$nobody" }
    }
}
