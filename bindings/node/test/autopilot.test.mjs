// A platform written in JavaScript, driven by the autopilot.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Autopilot, PlatformError, StratumError, call } from "../index.mjs";

const TENANT = "0198c9a0-0000-7000-8000-000000000001";
const PERSON = "0198c9a0-0000-7000-8000-0000000000aa";
const NOW = new Date("2026-03-01T12:00:00Z");
const FULL = { EMQ: 90, API_HEALTH: 95, EVENT_LOSS: 95, PLATFORM_STABILITY: 100, DATA_QUALITY: 98 };

const minutes = (count) => new Date(NOW.getTime() + count * 60_000);

/** A platform that remembers what it was asked. */
class Ledger {
  calls = [];

  async apply(change) {
    this.calls.push(change);
    return `receipt-${this.calls.length}`;
  }
}

const PROPOSED = {
  now: NOW,
  tenant_id: TENANT,
  action_type: "BUDGET_INCREASE",
  platform: "META",
  entity_type: "CAMPAIGN",
  entity_id: "238512",
  change: { field: "BUDGET", kind: "DAILY", before_cents: 10_000, after_cents: 12_000, currency: "USD" },
};

/** An approved raise from 100.00 to 120.00. */
function approved(pilot) {
  return pilot.approve(pilot.queue(PROPOSED).id, { by: PERSON, now: NOW });
}

/** Facts of a healthy platform under which the raise is allowed. */
const facts = ({ now = NOW, components = FULL } = {}) => (action) => ({
  gate: {
    tenant_id: action.tenant_id,
    action_type: action.action_type,
    platforms: [action.platform],
    entity_type: action.entity_type,
    entity_id: action.entity_id,
    snapshots: [call("health.evaluate", { facts: { tenant_id: TENANT, platform: "META", now, data_as_of: now, components } })],
    now,
  },
  limits: {
    now,
    next_local_midnight: new Date(now.getTime() + 12 * 3_600_000),
    currency: "USD",
    budget: { kind: "DAILY", budget_cents: 10_000, active: true },
    campaign: { spend_cents: 70_000, revenue_cents: 210_000 },
    exposure: { impressions: 25_000, reach: 10_000 },
    changes_today: 0,
  },
});

/** What the audit chain says happened, and that it is whole. */
function noted(pilot) {
  const records = pilot.records(TENANT);
  const from = { tenant_id: TENANT, seq: 0, hash: "0".repeat(64) };
  assert.equal(call("audit.verify", { from, known_head: pilot.head(TENANT), records }).ok, true);
  return records.map(({ entry }) => entry.action);
}

test("an approved action that passes is applied once, and each step stands in the audit chain", async () => {
  const platform = new Ledger();
  const pilot = new Autopilot(platform);
  const action = approved(pilot);
  const [step] = await pilot.run(facts(), { now: NOW });
  assert.equal(step.step, "EXECUTE");
  assert.equal(step.receipt.reference, "receipt-1");
  assert.equal(step.gate.decision, "PASS");
  assert.equal(pilot.action(action.id).state, "APPLIED");
  assert.deepEqual(await pilot.run(facts(), { now: NOW }), []);
  const [change] = platform.calls;
  assert.equal(platform.calls.length, 1);
  assert.equal(change.idempotency_key, action.id);
  assert.deepEqual(change.entity, { tenant_id: TENANT, platform: "META", entity_type: "CAMPAIGN", entity_id: "238512" });
  assert.equal(change.change.after_cents, 12_000);
  assert.ok(new Date(change.not_after) > NOW);
  assert.deepEqual(noted(pilot), ["QUEUED", "APPROVED", "INTENT", "APPLIED"]);
});

test("the intent stands in the chain before the platform is called", async () => {
  const seen = [];
  const pilot = new Autopilot({
    apply() {
      seen.push(...noted(pilot));
    },
  });
  approved(pilot);
  await pilot.run(facts(), { now: NOW });
  assert.deepEqual(seen, ["QUEUED", "APPROVED", "INTENT"]);
});

test("without health the action waits and the platform is not called", async () => {
  const platform = new Ledger();
  const pilot = new Autopilot(platform);
  const action = approved(pilot);
  const [step] = await pilot.run(facts({ components: { ...FULL, EMQ: null } }), { now: NOW });
  assert.deepEqual([step.step, step.waiting_for, step.gate.decision], ["WAIT", "GATE", "HOLD"]);
  assert.equal(step.gate.remedies[0].code, "MEASURE_COMPONENT");
  assert.deepEqual([platform.calls, pilot.action(action.id).state], [[], "APPROVED"]);
  assert.equal((await pilot.run(facts(), { now: NOW }))[0].step, "EXECUTE", "health came back");
  assert.deepEqual(noted(pilot), ["QUEUED", "APPROVED", "GATE_EVALUATED", "INTENT", "APPLIED"]);
});

test("a hard limit fails the action", async () => {
  const policy = { enforcement: { max_daily_budget_increase_pct: 10, default_mode: "HARD_BLOCK" } };
  const platform = new Ledger();
  const pilot = new Autopilot(platform, policy);
  const action = approved(pilot);
  const [step] = await pilot.run(facts(), { now: NOW });
  assert.deepEqual([step.step, step.enforcement.mode, platform.calls], ["FAIL", "HARD_BLOCK", []]);
  assert.deepEqual([pilot.action(action.id).state, pilot.action(action.id).status_reason], ["FAILED", "ENFORCEMENT_BLOCKED"]);
});

for (const [code, state] of [["REFUSED", "FAILED"], ["RATE_LIMITED", "APPROVED"], ["UNKNOWN", "APPLYING"]]) {
  test(`a platform that says ${code} leaves the action ${state}`, async () => {
    const pilot = new Autopilot({
      async apply() {
        throw new PlatformError(code, "no", { retry_after_ms: 1_500 });
      },
    });
    const action = approved(pilot);
    const [step] = await pilot.run(facts(), { now: NOW });
    assert.deepEqual([step.receipt, step.error], [null, { code, message: "no", retry_after_ms: 1_500 }]);
    assert.equal(pilot.action(action.id).state, state);
  });
}

const BREAKS = {
  "a rejection": async () => Promise.reject(new TypeError("peer went away")),
  "a synchronous throw": () => {
    throw new TypeError("peer went away");
  },
  "a thrown text": () => {
    throw "peer went away";
  },
  "a receipt without a form in JSON": () => ({ reference: 1n }),
  "a receipt that is none": () => ({ colour: "red" }),
  "an error code that does not exist": () => {
    throw new PlatformError("GUESS", "no");
  },
};

for (const [name, apply] of Object.entries(BREAKS)) {
  test(`after ${name} nobody knows, and the change is never sent again`, async () => {
    let calls = 0;
    const pilot = new Autopilot({
      apply(change) {
        calls += 1;
        return apply(change);
      },
    });
    const action = approved(pilot);
    const [step] = await pilot.run(facts(), { now: NOW });
    assert.equal(step.error.code, "UNKNOWN");
    assert.equal(pilot.action(action.id).state, "APPLYING");
    for (const late of [1, 3, 10]) await pilot.run(facts({ now: minutes(late) }), { now: minutes(late) });
    const { state, status_reason } = pilot.action(action.id);
    assert.deepEqual([state, status_reason, calls], ["FAILED", "OUTCOME_UNKNOWN", 1]);
    noted(pilot);
  });
}

test("a lost answer is looked up where the platform can", async () => {
  class Forgetful extends Ledger {
    async apply(change) {
      await super.apply(change);
      throw new Error("no answer");
    }

    async outcomeOf(entity, key, now) {
      assert.equal(entity.entity_id, "238512");
      return { outcome: "APPLIED", receipt: { idempotency_key: key, applied_at: now } };
    }
  }
  const platform = new Forgetful();
  const pilot = new Autopilot(platform);
  const action = approved(pilot);
  await pilot.run(facts(), { now: NOW });
  assert.equal(pilot.action(action.id).state, "APPLYING");
  await pilot.run(facts({ now: minutes(3) }), { now: minutes(3) });
  assert.deepEqual([pilot.action(action.id).state, platform.calls.length], ["APPLIED", 1]);
});

for (const [name, outcomeOf] of [
  ["throws", () => { throw new Error("down"); }],
  ["answers nonsense", () => ({ outcome: "PERHAPS" })],
]) {
  test(`a platform whose look-up ${name} is asked again`, async () => {
    const pilot = new Autopilot({ apply: () => { throw new Error("no answer"); }, outcomeOf });
    const action = approved(pilot);
    await pilot.run(facts(), { now: NOW });
    await pilot.run(facts({ now: minutes(3) }), { now: minutes(3) });
    assert.equal(pilot.action(action.id).state, "APPLYING");
  });
}

test("many runs at the same time execute each action once", async () => {
  const platform = new Ledger();
  const pilot = new Autopilot(platform);
  const actions = Array.from({ length: 20 }, () => approved(pilot));
  const slow = async (action) => {
    await new Promise(setImmediate);
    return facts()(action);
  };
  await Promise.all(Array.from({ length: 8 }, () => pilot.run(slow, { now: NOW })));
  assert.deepEqual(platform.calls.map((change) => change.idempotency_key).sort(), actions.map(({ id }) => id).sort());
  assert.ok(pilot.actions.every(({ state }) => state === "APPLIED"));
  noted(pilot);
});

test("what has expired or is dismissed is not executed, and a wrong step is refused", async () => {
  const platform = new Ledger();
  const pilot = new Autopilot(platform);
  const action = approved(pilot);
  const late = minutes(240);
  assert.deepEqual(await pilot.run(facts({ now: late }), { now: late }), []);
  assert.equal(pilot.action(action.id).status_reason, "EXPIRED");
  assert.throws(() => pilot.approve(action.id, { by: PERSON, now: late }), /invalid_transition/);
  const other = pilot.queue(PROPOSED);
  assert.equal(pilot.dismiss(other.id, { by: PERSON, now: NOW }).state, "DISMISSED");
  assert.throws(() => pilot.action("0198c9a0-0000-7000-8000-00000000ffff"), /unknown_action/);
  assert.equal(pilot.queue({ ...PROPOSED, id: other.id }).state, "DISMISSED", "the same id is the same action");
  assert.deepEqual(platform.calls, []);
});

test("everything wrong with an action is named", () => {
  const pilot = new Autopilot(new Ledger());
  assert.throws(
    () => pilot.queue({ ...PROPOSED, entity_id: "", change: { ...PROPOSED.change, after_cents: 9_000 }, ttl_hours: 100 }),
    (error) => {
      assert.ok(error instanceof StratumError);
      assert.deepEqual(new Set(error.problems.map(({ code }) => code)), new Set(["length", "out_of_range", "wrong_direction"]));
      return true;
    },
  );
  assert.throws(() => new Autopilot({}), TypeError);
  assert.throws(() => new Autopilot(new Ledger(), { trust: { healthy_threshold: 170 } }), StratumError);
});

test("facts about something else execute nothing", async () => {
  const platform = new Ledger();
  const pilot = new Autopilot(platform);
  approved(pilot);
  const wrong = (action) => {
    const known = facts()(action);
    return { ...known, gate: { ...known.gate, entity_id: "another" } };
  };
  await assert.rejects(pilot.run(wrong, { now: NOW }), StratumError);
  await assert.rejects(pilot.run(() => ({ gate: {}, limits: {} }), { now: NOW }), StratumError);
  assert.deepEqual(platform.calls, []);
});
