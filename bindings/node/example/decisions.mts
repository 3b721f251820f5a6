// The hot operations: a policy is validated once and asked as often as you like.

import { Enforcement, Gate, Health, emq } from "@stratum-trust/node";
import type { GateReason, HealthSnapshot, Remedy, Violation } from "@stratum-trust/node";

const health = new Health();
const snapshot: HealthSnapshot = health.evaluate({
  tenant_id: "0198c9a0-0000-7000-8000-000000000001",
  platform: "META",
  now: new Date("2026-03-01T12:00:00Z"),
  components: { EMQ: 90, API_HEALTH: 95, EVENT_LOSS: 95, PLATFORM_STABILITY: 100, DATA_QUALITY: 98 },
  data_as_of: "2026-03-01T11:00:00Z",
});

const gate = new Gate({ profile: "CAUTIOUS", overrides: { PAUSE_ADSET: 90 } });
const answer = gate.evaluate({
  tenant_id: snapshot.tenant_id,
  action_type: "BUDGET_INCREASE",
  platforms: ["META"],
  snapshots: [snapshot],
  now: new Date("2026-03-01T12:01:00Z"),
});
const codes: GateReason[] = answer.codes;
const remedies: readonly Remedy[] = answer.remedies;
console.log(answer.decision, answer.passed, codes, remedies.length, gate.threshold("PAUSE_ADSET"), gate.policy.preset);

const limits = new Enforcement({ max_changes_per_day: 5 });
const check = limits.check({
  change: {
    action_type: "BUDGET_INCREASE",
    platform: "META",
    entity_type: "CAMPAIGN",
    entity_id: "238512",
    change: { field: "BUDGET", kind: "DAILY", before_cents: 10_000, after_cents: 12_000, currency: "USD" },
  },
  known: { now: new Date(), next_local_midnight: "2026-03-02T00:00:00Z", currency: "USD", changes_today: 0 },
});
const violations: readonly Violation[] = check.violations;
console.log(check.allowed, violations, emq.score({ completeness: 100, latency_s: 10, email: true }).band);

// @ts-expect-error there is no such field.
new Gate({ healthy_treshold: 80 });
// @ts-expect-error an answer is made by the gate alone.
new (await import("@stratum-trust/node")).GateAnswer();
