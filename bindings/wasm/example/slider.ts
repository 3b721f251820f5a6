// What a page does when a slider moves: the health of a platform, and whether a change may run on it.

import { StratumError, batch, call, init } from "@stratum-trust/wasm";
import { createWorker } from "@stratum-trust/wasm/worker";
import type { GateResponse, HealthFacts, Problem } from "@stratum-trust/wasm";

await init();

const facts: HealthFacts = {
  tenant_id: "0198c9a0-0000-7000-8000-000000000001",
  platform: "META",
  now: new Date(),
  components: { EMQ: 61, API_HEALTH: 95, EVENT_LOSS: 95, PLATFORM_STABILITY: 100, DATA_QUALITY: 98 },
};

export function moved(emq: number): { answer: GateResponse } | { problems: readonly Problem[] } {
  try {
    const health = call("health.evaluate", { facts: { ...facts, components: { ...facts.components, EMQ: emq } } });
    const { tenant_id, platform, now } = facts;
    const gate = { tenant_id, platforms: [platform], action_type: "BUDGET_INCREASE", snapshots: [health], now } as const;
    return { answer: call("gate.evaluate", { facts: gate }) };
  } catch (error) {
    if (error instanceof StratumError) return { problems: error.problems };
    throw error;
  }
}

// @ts-expect-error there is no such operation
call("gate.guess", {});
// @ts-expect-error the facts are missing
call("health.evaluate", {});
// @ts-expect-error there is no such platform
facts.platform = "LINKEDIN";

const { score, status } = batch("health.evaluate", { emq: Float64Array.of(90, 35), event_loss: [90, null] });
export const healthy: number = score.filter((_, row) => status.values[status.codes[row] ?? 255] === "HEALTHY").length;

/** Three months of hours, beside the page; an older question is called off. */
export async function past(emq: Float64Array, signal: AbortSignal, show: (done: number) => void): Promise<Float64Array> {
  const worker = createWorker();
  try {
    return (await worker.batch("health.evaluate", { emq }, { signal, onProgress: show })).score;
  } finally {
    worker.stop();
  }
}
