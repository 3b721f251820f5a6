// The hot operations without JSON: the same answers as through the door, for every vector.

import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";

import { Enforcement, Gate, Health, StratumError, call, emq } from "../index.mjs";
import { cases } from "./vectors.mjs";

const TENANT = "0198c9a0-0000-7000-8000-000000000001";
const NOW = "2026-03-01T12:00:00.000Z";
const FULL = { EMQ: 90, API_HEALTH: 95, EVENT_LOSS: 95, PLATFORM_STABILITY: 100, DATA_QUALITY: 98 };
const HEALTH = { tenant_id: TENANT, platform: "META", now: NOW, components: FULL, data_as_of: "2026-03-01T11:00:00.000Z" };

const TYPED = {
  "health.evaluate": ({ policy, facts }) => new Health(policy).evaluate(facts),
  "gate.evaluate": ({ policy, facts }) => new Gate(policy).evaluate(facts),
  "enforcement.check": ({ policy, facts }) => new Enforcement(policy).check(facts),
};

const gateFacts = (changes) => ({
  tenant_id: TENANT,
  action_type: "BUDGET_INCREASE",
  platforms: ["META"],
  snapshots: [call("health.evaluate", { facts: HEALTH })],
  now: NOW,
  ...changes,
});

/** What an answer is when all of it is read. */
const plain = (answer) => (typeof answer.toJSON === "function" ? answer.toJSON() : answer);

/** The answer, or the problems without the place of the policy, which stands by itself here. */
function outcome(run) {
  try {
    return plain(run());
  } catch (error) {
    if (!(error instanceof StratumError)) throw error;
    return error.problems.map(({ path, code }) => `${path.replace(/^\/policy/, "")} ${code}`).sort();
  }
}

const typedCases = cases().filter(({ operation }) => operation in TYPED);

for (const { operation, name, request } of typedCases) {
  test(`${operation}, typed: ${name}`, () => {
    const expected = outcome(() => call(operation, request));
    const found = outcome(() => TYPED[operation](request));
    // Where policy and facts are both wrong, the policy is heard of first: it is validated by itself.
    if (Array.isArray(expected) && request.policy !== undefined) {
      assert.ok(found.every((problem) => expected.includes(problem)) && found.length > 0, inspect({ found, expected }));
    } else {
      assert.deepStrictEqual(found, expected);
    }
  });
}

test("what is read at once is what stands in the whole answer", () => {
  for (const { operation, request } of typedCases) {
    let answer;
    try {
      answer = TYPED[operation](request);
    } catch {
      continue;
    }
    for (const [key, value] of Object.entries({ ...answer })) {
      if (key !== "codes") assert.deepStrictEqual(value, plain(answer)[key], `${operation} ${key}`);
    }
    const { reasons, violations } = plain(answer);
    if (reasons) assert.deepStrictEqual(answer.codes, reasons.map(({ code }) => code));
    if (violations) assert.deepStrictEqual(answer.codes, violations.map(({ type }) => type));
  }
});

test("what does not fit the short way is answered or refused by the table", () => {
  const gate = new Gate();
  const expected = call("gate.evaluate", { facts: gateFacts() });
  for (const changes of [
    { tenant_id: TENANT.toUpperCase() },
    { action_type: "budget_increase" },
    { platforms: ["meta"] },
    { now: "2026-03-01T14:00:00+02:00" },
    { now: new Date(NOW) },
    { now: "2026-03-01T12:00:00Z" },
    { now: "2026-03-01T12:00:00.000000Z" },
    { frozen: undefined },
    { entity_id: null },
    { incidents: [] },
  ]) {
    assert.deepStrictEqual(gate.evaluate(gateFacts(changes)).toJSON(), expected, inspect(changes));
  }
  for (const [changes, problem] of [
    [{ frozn: true }, "/facts/frozn unknown_field"],
    [{ frozen: null }, "/facts/frozen wrong_type"],
    [{ frozen: 1 }, "/facts/frozen wrong_type"],
    [{ now: "2026-02-30T12:00:00.000Z" }, "/facts/now invalid_timestamp"],
    [{ now: "2026-03-01 12:00:00.000Z" }, null],
    [{ now: new Date(NaN) }, "/facts/now wrong_type"],
    [{ platforms: ["LINKEDIN"] }, "/facts/platforms/0 unknown_value"],
    [{ entity_id: 7 }, "/facts/entity_id wrong_type"],
    [{ tenant_id: "7" }, "/facts/tenant_id invalid_id"],
  ]) {
    const found = outcome(() => gate.evaluate(gateFacts(changes)));
    assert.deepStrictEqual(found, outcome(() => call("gate.evaluate", { facts: gateFacts(changes) })), inspect(changes));
    if (problem !== null) assert.deepStrictEqual(found, [problem]);
  }
  for (const facts of [undefined, null, 7, "facts", [], () => 1]) {
    assert.throws(() => gate.evaluate(facts), StratumError);
  }
});

test("a broken number is refused and never taken for a missing one", () => {
  for (const number of [NaN, Infinity]) {
    const facts = { ...HEALTH, components: { ...FULL, EMQ: number } };
    assert.throws(() => new Health().evaluate(facts), { problems: [{ path: "/facts/components/EMQ", code: "not_a_number", message: "a request holds finite numbers only", help: "write null for what was not measured" }] });
  }
});

test("an answer does not change when its facts or later requests do", () => {
  const gate = new Gate();
  const facts = gateFacts({ now: "2026-03-01T15:00:00.000Z" });
  const expected = call("gate.evaluate", { facts });
  const answer = gate.evaluate(facts);
  facts.now = NOW;
  facts.snapshots[0].score = 0;
  gate.evaluate(gateFacts());
  assert.deepStrictEqual(answer.toJSON(), expected);
  assert.equal(answer.reasons, answer.reasons, "read once, kept");
});

test("the answers of many are read late and in any order", () => {
  const gate = new Gate();
  const limits = cases().filter(({ operation, expect, request }) => operation === "enforcement.check" && expect && !request.policy);
  const enforcement = new Enforcement();
  const asked = [0, 30, 55, 69, 70, 90].map((score) => gateFacts({ snapshots: [call("health.evaluate", { facts: { ...HEALTH, components: { ...FULL, EMQ: score } } })] }));
  const gates = asked.map((facts) => [gate.evaluate(facts), call("gate.evaluate", { facts })]);
  const checks = limits.map(({ request }) => [enforcement.check(request.facts), call("enforcement.check", request)]);
  assert.ok(checks.length > 10);
  for (const [answer, expected] of [...gates, ...checks].reverse()) assert.deepStrictEqual(answer.toJSON(), expected);
});

test("ids that differ are told apart and equal ones are not", () => {
  const gate = new Gate();
  const other = gateFacts({ tenant_id: "0198c9a0-0000-7000-8000-000000000002" });
  assert.deepEqual(gate.evaluate(other).codes, call("gate.evaluate", { facts: other }).reasons.map(({ code }) => code));
  assert.equal(gate.evaluate(other).decision, "BLOCK");
  assert.equal(gate.evaluate(gateFacts()).passed, true);
});

test("facts that ask for a decision of their own while they are read mix nothing up", () => {
  const gate = new Gate();
  const plain = gateFacts();
  const held = gateFacts();
  held.snapshots[0].score = 12;
  const facts = { ...plain };
  Object.defineProperty(facts, "now", {
    enumerable: true,
    get() {
      gate.evaluate(held);
      return plain.now;
    },
  });
  assert.deepStrictEqual(gate.evaluate(facts).toJSON(), call("gate.evaluate", { facts: plain }));
});

test("what the long way does not read or refuses is no fact of the short way", () => {
  const gate = new Gate();
  // JSON knows own fields alone.
  class Facts {
    constructor() {
      const { now: _, ...others } = gateFacts();
      Object.assign(this, others, { colour: "red" });
    }
    get now() {
      return NOW;
    }
  }
  assert.throws(() => gate.evaluate(new Facts()), StratumError);
  const named = gateFacts({ tenant_id: "acme", entity_type: "CAMPAIGN", entity_id: "acme" });
  named.snapshots[0].tenant_id = "acme";
  assert.throws(() => gate.evaluate(named), (error) => error.problems.some(({ code }) => code === "invalid_id"));
});

test("the texts of an answer are those of the request", () => {
  const facts = cases().find(({ operation, expect }) => operation === "enforcement.check" && expect?.propose_pause_of).request;
  const changed = structuredClone(facts);
  changed.facts.change.entity_id = "Kampagne \u{1F600}";
  const check = new Enforcement(changed.policy).check(changed.facts);
  assert.equal(check.propose_pause_of, "Kampagne \u{1F600}");
  assert.deepStrictEqual(check.toJSON(), call("enforcement.check", changed));
  changed.facts.change.entity_id = "\ud800";
  assert.throws(() => new Enforcement(changed.policy).check(changed.facts), StratumError);
});

test("a policy is validated once and says what it is", () => {
  assert.throws(
    () => new Gate({ healthy_threshold: 170 }),
    (error) => error instanceof StratumError && error.problems[0].path === "/healthy_threshold",
  );
  const gate = new Gate({ overrides: { PAUSE_ADSET: 90 } });
  assert.equal(gate.threshold("PAUSE_ADSET"), 90);
  assert.equal(gate.threshold("BUDGET_INCREASE"), 70);
  assert.throws(() => gate.threshold("GUESS"), StratumError);
  assert.equal(gate.policy.preset, "FIVE");
  assert.equal(gate.policy_digest, gate.evaluate(gateFacts()).policy_digest);
  assert.equal(new Enforcement().policy.max_changes_per_day, 10);
});

test("the EMQ of an event's facts is that of the event", () => {
  const expected = cases().find(({ name, operation }) => operation === "emq.event" && name === "the worked 88").expect;
  const facts = { completeness: 100, latency_s: 10, email: true, anonymous_id: true, user_agent: true, client_ip: true, campaign: true, page: true };
  assert.deepStrictEqual(emq.score(facts), { ...expected, refusal: null });
  assert.deepStrictEqual(emq.score({ completeness: 100, latency_s: -301, email: true }), {
    score: null,
    band: null,
    refusal: "EVENT_TIME_IN_FUTURE",
    factors: null,
  });
  assert.throws(() => emq.score({ completeness: 100, latency_s: 1, emial: true }), StratumError);
  assert.throws(() => emq.score({ completeness: NaN, latency_s: 1 }), StratumError);
});
