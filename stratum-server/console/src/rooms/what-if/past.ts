// The health of the last ninety days, and what two policies would have said to it.

import type { ActionType, BacktestRun, PlatformHistory, TrustPolicy } from "@stratum-trust/wasm";
import { useQueries } from "@tanstack/react-query";
import { api, data } from "~/api/client";
import type { Engine } from "~/engine/engine";
import { useTenantId } from "~/session/session";
import type { Platform } from "~/words/vocabulary";

const DAYS = 90;

/** The past as text, so that a move of a slider does not write ninety days again. */
export type Past = string;

/** Ninety days of every platform; undefined until all are there. */
export function usePast(platforms: readonly Platform[]) {
  const tenant_id = useTenantId();
  return useQueries({
    queries: platforms.map((platform) => ({
      queryKey: ["health", tenant_id, "history", platform, DAYS],
      queryFn: () => data(api.GET("/api/v1/tenant/{tenant_id}/signal-health/history", { params: { path: { tenant_id }, query: { platform, days: DAYS } } })),
      staleTime: Number.POSITIVE_INFINITY,
    })),
    combine: (found) => ({
      error: found.find((one) => one.error !== null)?.error ?? null,
      history:
        platforms.length > 0 && found.every((one) => one.data !== undefined)
          ? JSON.stringify(
              platforms.map((platform, index): PlatformHistory => ({
                platform,
                points: (found[index]?.data ?? []).map(({ timestamp, components }) => ({ timestamp, components: components as PlatformHistory["points"][number]["components"] })),
              })),
            )
          : undefined,
    }),
  });
}

/** Tries a policy on the past, in the page. */
export function tryOn({ callJson }: Engine, history: Past, type: ActionType, trust: TrustPolicy): BacktestRun {
  const rest = JSON.stringify({ action_types: [type], policy: { trust } });
  return JSON.parse(callJson("backtest.run", `{"history":${history},${rest.slice(1)}`)) as BacktestRun;
}
