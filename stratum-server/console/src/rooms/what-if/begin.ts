// Where a scenario begins: with what is measured and in force now, read from the server.

import type { ActionType } from "@stratum-trust/wasm";
import { useQuery } from "@tanstack/react-query";
import { api, data, type Schema, whole } from "~/api/client";
import { useSession } from "~/session/session";
import type { Platform } from "~/words/vocabulary";
import { BUDGETS, type Change, COMPONENTS, type Limits, type Scenario, type Trust } from "./scenario";

/** What is in force, and the platforms from the one with the lowest health on. */
export interface InForce {
  trust: Trust;
  limits: Limits;
  platforms: readonly Platform[];
}

export function useInForce() {
  const { tenant } = useSession();
  const params = { path: { tenant_id: tenant.id } };
  return useQuery({
    queryKey: ["what-if", tenant.id, "in force"],
    queryFn: async (): Promise<InForce> => {
      const [gate, enforcement, health] = await Promise.all([
        config(tenant.id),
        settings(tenant.id),
        data(api.GET("/api/v1/tenant/{tenant_id}/signal-health", { params })),
      ]);
      const worstFirst = [...health.platforms].sort((a, b) => a.score - b.score).map(({ platform }) => platform as Platform);
      return { trust: trustOf(gate), limits: limitsOf(enforcement), platforms: worstFirst };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const config = (tenant_id: string) => data(api.GET("/api/v1/tenant/{tenant_id}/trust-gate/config", { params: { path: { tenant_id } } }));
const settings = (tenant_id: string) => data(api.GET("/api/v1/tenant/{tenant_id}/autopilot/enforcement/settings", { params: { path: { tenant_id } } }));
type Got<F extends (...given: never[]) => Promise<unknown>> = Awaited<ReturnType<F>>;

function trustOf(read: Got<typeof config>): Trust {
  return {
    preset: read.preset as Trust["preset"],
    weights: Object.fromEntries(COMPONENTS.flatMap((name) => (name in read.weights ? [[name, read.weights[name] as number]] : []))),
    healthy: read.healthy_threshold,
    degraded: read.degraded_threshold,
    profile: read.profile as Trust["profile"],
    overrides: read.overrides as Trust["overrides"],
    required: read.required_components as Trust["required"],
    blend: read.cdp_blend,
  };
}

const CENTS = 100;

function limitsOf(read: Got<typeof settings>): Limits {
  return {
    mode: read.default_mode as Limits["mode"],
    maxIncreasePct: read.max_daily_budget_increase_pct,
    maxBudget: read.max_campaign_budget * CENTS,
    roas: read.roas_threshold,
    changesPerDay: read.max_changes_per_day,
    hoursBetween: read.min_hours_between_changes,
    frequencyCap: read.ad_frequency_cap,
    dailySpend: read.daily_spend_limit_cents ?? null,
  };
}

const QUIET: Change = { type: "BUDGET_INCREASE", before: 20_000, after: 22_000, opening: 20_000, roas: 3, frequency: 1.8, changesToday: 0, hoursSince: null, otherBudgets: 0, spentToday: 0 };

/** How a platform stands now, and a change that waits there, with what was known about it when the gate was last asked. */
export function useStart(platform: Platform | null, inForce: InForce | undefined) {
  const { tenant, can } = useSession();
  const tenant_id = tenant.id;
  return useQuery({
    queryKey: ["what-if", tenant_id, "start", platform],
    enabled: platform !== null && inForce !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async (): Promise<Scenario> => {
      if (platform === null || inForce === undefined) throw new Error("asked for a start without a platform");
      const [health, actions] = await Promise.all([
        data(api.GET("/api/v1/tenant/{tenant_id}/signal-health", { params: { path: { tenant_id }, query: { platform } } })),
        whole(api.GET("/api/v1/tenant/{tenant_id}/autopilot/actions", { params: { path: { tenant_id }, query: { platform, status: "QUEUED", per_page: 50 } } })),
      ]);
      const waits = actions.data.find((action) => BUDGETS.includes(action.action_type as ActionType));
      const gate = waits?.gate?.id;
      const record =
        gate === undefined || !can("reports:write")
          ? null
          : await data(api.GET("/api/v1/tenant/{tenant_id}/trust-gate/decisions/{decision_id}", { params: { path: { tenant_id, decision_id: gate } } })).catch(() => null);
      const now = Date.now();
      const measured = health.platforms.find((one) => one.platform === platform);
      return {
        platform,
        scores: Object.fromEntries(COMPONENTS.map((name) => [name, health.components.find((one) => one.name === name)?.score ?? null])),
        dataAgeHours: measured?.data_as_of ? Math.max(0, Math.round((now - Date.parse(measured.data_as_of)) / 360_000) / 10) : 72,
        snapshotMinutes: 0,
        frozen: false,
        incident: false,
        change: waits === undefined ? QUIET : changeOf(waits, record?.facts["limits"]),
        trust: { ...inForce.trust },
        limits: inForce.limits,
      };
    },
  });
}

function changeOf(action: Schema<"Action">, limits: unknown): Change {
  const { before_cents: before, after_cents: after } = action.proposed_value as { before_cents: number; after_cents: number };
  const known = (limits as { known?: KnownFacts } | undefined)?.known;
  const campaign = known?.campaign;
  const exposure = known?.exposure;
  const share = (part: number | null | undefined, of: number | null | undefined, otherwise: number) =>
    typeof part === "number" && typeof of === "number" && of > 0 ? Math.round((part / of) * 100) / 100 : otherwise;
  return {
    ...QUIET,
    type: action.action_type as ActionType,
    before,
    after,
    opening: known?.first_budget_today_cents ?? before,
    roas: share(campaign?.revenue_cents, campaign?.spend_cents, 3),
    frequency: share(exposure?.impressions, exposure?.reach, 1.8),
    changesToday: known?.changes_today ?? 0,
  };
}

/** What of a recorded decision's facts is read here; the record is checked elsewhere. */
interface KnownFacts {
  campaign?: { revenue_cents?: number | null; spend_cents?: number | null };
  exposure?: { impressions?: number | null; reach?: number | null };
  first_budget_today_cents?: number | null;
  changes_today?: number;
}

