// Every operation by its name: the shapes of request and answer are known.

import { StratumError, call } from "@stratum-trust/node";
import type { GateRequest, HealthSnapshot, Platform } from "@stratum-trust/node";

const snapshot: HealthSnapshot = call("health.evaluate", {
  facts: {
    tenant_id: "0198c9a0-0000-7000-8000-000000000001",
    platform: "META",
    now: new Date("2026-03-01T12:00:00Z"),
    components: { EMQ: 90, API_HEALTH: null, EVENT_LOSS: 95, PLATFORM_STABILITY: 100, DATA_QUALITY: 98 },
  },
});

const request: GateRequest = {
  facts: {
    tenant_id: snapshot.tenant_id,
    action_type: "BUDGET_INCREASE",
    platforms: [snapshot.platform],
    snapshots: [snapshot],
    now: "2026-03-01T12:01:00Z",
  },
};
const answer = call("gate.evaluate", request);
const decision: "PASS" | "HOLD" | "BLOCK" = answer.decision;
const platforms: (Platform | null)[] = answer.reasons.map((reason) => reason.platform);
console.log(decision, platforms, answer.score?.toFixed(1));

try {
  // @ts-expect-error LinkedIn is no platform, and the rest of the facts is missing.
  call("health.evaluate", { facts: { platform: "LINKEDIN" } });
} catch (error) {
  if (error instanceof StratumError) console.log(error.problems.map(({ path, code }) => `${path} ${code}`));
}

// @ts-expect-error there is no such operation.
call("gate.guess", {});
