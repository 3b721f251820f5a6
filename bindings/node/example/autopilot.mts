// A platform of one's own, and columns.

import { Autopilot, PlatformError, batch, batchAsync } from "@stratum-trust/node";
import type { Action, AdPlatform, ChangeRequest, ExecutionFacts } from "@stratum-trust/node";

class Ledger implements AdPlatform {
  async apply(change: ChangeRequest): Promise<string> {
    if (change.change.field !== "BUDGET") throw new PlatformError("REFUSED", "budgets only");
    return `set to ${change.change.after_cents}`;
  }
}

const now = new Date();
const known = (action: Action): ExecutionFacts => ({
  gate: { tenant_id: action.tenant_id, action_type: action.action_type, platforms: [action.platform], now },
  limits: { now, next_local_midnight: now, currency: "USD", changes_today: 0 },
});
const pilot = new Autopilot(new Ledger(), { trust: { preset: "FOUR" } });
for (const step of await pilot.run(known, { now })) console.log(step.step, step.error?.code, step.gate.decision);

const { score, status } = batch("health.evaluate", { emq: Float64Array.of(80), api_health: [90] });
const word: "HEALTHY" | "DEGRADED" | "UNHEALTHY" | undefined = status.values[status.codes[0] ?? 255];
const later = await batchAsync("gate.evaluate", {}, { signal: AbortSignal.timeout(1_000), onProgress: (share) => share });
console.log(score[0], word, later.decision.values.length);

// @ts-expect-error a decision has no form over columns.
batch("decision.evaluate", {});
// @ts-expect-error a platform has `apply`.
new Autopilot({});
