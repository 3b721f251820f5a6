// The hot operations without JSON: the same answers as through the door, for every vector.

import { HEALTH, difference, must, same, thrown } from "./checks.mjs";

const NOW = "2026-03-01T12:00:00.000Z";

export function decisionChecks(stratum, cases) {
  const { Enforcement, Gate, Health, StratumError, call, emq } = stratum;
  const typed = {
    "health.evaluate": ({ policy, facts }) => new Health(policy).evaluate(facts),
    "gate.evaluate": ({ policy, facts }) => new Gate(policy).evaluate(facts),
    "enforcement.check": ({ policy, facts }) => new Enforcement(policy).check(facts),
  };
  const list = [];
  const check = (name, run) => list.push({ name, run });

  /** All of the answer, or the problems without the place of the policy, which stands by itself here. */
  const outcome = (run) => {
    try {
      const answer = run();
      return typeof answer.toJSON === "function" ? answer.toJSON() : answer;
    } catch (error) {
      if (!(error instanceof StratumError)) throw error;
      return error.problems.map(({ path, code }) => `${path.replace(/^\/policy/, "")} ${code}`).sort();
    }
  };

  for (const { operation, name, request } of cases.filter((one) => one.operation in typed)) {
    check(`${operation}, typed: ${name}`, () => {
      const expected = outcome(() => call(operation, request));
      const found = outcome(() => typed[operation](request));
      // Where policy and facts are both wrong, the policy is heard of first: it is validated by itself.
      const both = Array.isArray(expected) && request.policy !== undefined;
      if (both) must(found.length > 0 && found.every((problem) => expected.includes(problem)), `${found}`);
      else must((difference(found, expected) ?? difference(expected, found)) === null, difference(found, expected));
    });
  }

  const gateFacts = () => {
    const { tenant_id } = HEALTH.facts;
    const snapshots = [call("health.evaluate", { facts: { ...HEALTH.facts, data_as_of: "2026-03-01T11:00:00Z" } })];
    return { tenant_id, action_type: "BUDGET_INCREASE", platforms: ["META"], snapshots, now: NOW };
  };

  check("after a trap what was made before it decides as before", () => {
    const objects = () => {
      const gate = new Gate({ overrides: { PAUSE_ADSET: 90 } });
      return { gate, health: new Health(), answer: gate.evaluate(gateFacts()) };
    };
    const { gate, health, answer } = objects();
    const expected = call("gate.evaluate", { policy: gate.policy, facts: gateFacts() });
    const facts = { completeness: 100, latency_s: 10, email: true, page: true };
    const score = emq.score(facts);
    for (const how of ["panic", "overflow", "panic"]) {
      thrown(() => stratum._breakForTests(how));
      same(emq.score(facts), score);
      same(gate.evaluate(gateFacts()).toJSON(), expected);
      same(health.evaluate(HEALTH.facts).score, 94.05);
      same(gate.threshold("PAUSE_ADSET"), 90);
    }
    same(answer.toJSON(), expected);
    same(gate.policy_digest, expected.policy_digest);
  });

  check("decisions go on while the memory grows", () => {
    const gate = new Gate();
    const expected = gate.evaluate(gateFacts()).toJSON();
    for (let megabytes = 1; megabytes <= 16; megabytes *= 2) {
      thrown(() => call("health.evaluate", { facts: "x".repeat(megabytes << 20) }));
      same(gate.evaluate(gateFacts()).toJSON(), expected);
    }
  });

  return list;
}
