// What the server says is in force, as a scenario has it.

import type { paths } from "~/api/schema";
import { COMPONENTS, type Limits, type Trust } from "./scenario";

type Asked = "/api/v1/tenant/{tenant_id}/trust-gate/config" | "/api/v1/tenant/{tenant_id}/autopilot/enforcement/settings";
type Answer<P extends Asked> = paths[P]["get"]["responses"][200]["content"]["application/json"]["data"];

/** The policy in force, as a scenario has it. */
export function trustOf(read: Answer<"/api/v1/tenant/{tenant_id}/trust-gate/config">): Trust {
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

/** The limits in force, as a scenario has them. */
export function limitsOf(read: Answer<"/api/v1/tenant/{tenant_id}/autopilot/enforcement/settings">): Limits {
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
