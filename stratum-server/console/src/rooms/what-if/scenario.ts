// A question "what if": the signals, the change, and the policy, all of which a person can move.

import type { ActionType, CheckSubject, DecisionRequest, DecisionResponse, EnforcementMode, EnforcementSettings, GateProfile, HealthComponent, HealthPreset, HealthSnapshot, TrustPolicy } from "@stratum-trust/wasm";
import type { Engine } from "~/engine/engine";
import type { Platform } from "~/words/vocabulary";

export type Scores = Partial<Record<HealthComponent, number | null>>;
export type Weights = Partial<Record<HealthComponent, number>>;

export type Overrides = Partial<Record<ActionType, number>>;

/** The policy that is tried: what the signals must be like. */
export interface Trust {
  preset: HealthPreset;
  /** Those of the preset, too, so that every reader finds them here. */
  weights: Weights;
  healthy: number;
  degraded: number;
  profile: GateProfile;
  /** The own thresholds of kinds of change. */
  overrides: Overrides;
  required: readonly HealthComponent[];
  /** Whether the match quality of the tenant's own events counts a tenth. */
  blend: boolean;
}

/** How far a change may go. Amounts are minor units. */
export interface Limits {
  mode: EnforcementMode;
  maxIncreasePct: number;
  maxBudget: number;
  roas: number;
  changesPerDay: number;
  hoursBetween: number;
  frequencyCap: number;
  /** Of all budgets of a day together; null where there is none. */
  dailySpend: number | null;
}

/** The change, and what is known about what it changes. Amounts are minor units. */
export interface Change {
  type: ActionType;
  before: number;
  after: number;
  /** The budget when the day began: the limit of a day's increase counts from it. */
  opening: number;
  roas: number | null;
  frequency: number | null;
  changesToday: number;
  /** Since the last change of the same thing; null where there was none. */
  hoursSince: number | null;
  /** The other daily budgets of the tenant together, and what it spent today; they matter where there is a daily limit. */
  otherBudgets: number;
  spentToday: number;
}

export interface Scenario {
  platform: Platform;
  scores: Scores;
  /** Of the newest data of the platform. */
  dataAgeHours: number;
  /** Of the snapshot that the gate reads. */
  snapshotMinutes: number;
  frozen: boolean;
  incident: boolean;
  /** The platform's API does not answer, or refuses the credentials. */
  apiDown: boolean;
  change: Change;
  trust: Trust;
  limits: Limits;
}

export const PRESETS: Record<"FIVE" | "FOUR", Weights> = {
  FIVE: { EMQ: 35, API_HEALTH: 25, EVENT_LOSS: 20, PLATFORM_STABILITY: 10, DATA_QUALITY: 10 },
  FOUR: { EMQ: 40, FRESHNESS: 25, VARIANCE: 20, ANOMALY: 15 },
};

/** In the order in which people read them. */
export const COMPONENTS: readonly HealthComponent[] = ["EMQ", "EVENT_LOSS", "API_HEALTH", "FRESHNESS", "VARIANCE", "ANOMALY", "PLATFORM_STABILITY", "DATA_QUALITY", "CDP_EMQ"];
export const PLATFORMS: readonly Platform[] = ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"];
export const BUDGETS: readonly ActionType[] = ["BUDGET_INCREASE", "BUDGET_DECREASE"];
export const ACTIONS: readonly ActionType[] = ["BUDGET_INCREASE", "BUDGET_DECREASE", "BID_INCREASE", "BID_DECREASE", "PAUSE_CAMPAIGN", "ENABLE_CAMPAIGN"];

/** The least that match quality may weigh; the library refuses less. */
export const LEAST_EMQ = 20;

export function hasAmounts(type: ActionType): boolean {
  return type.startsWith("BUDGET") || type.startsWith("BID");
}

/** The components that count under the policy of a scenario. */
export function counted({ weights, blend }: Pick<Trust, "weights" | "blend">): HealthComponent[] {
  return COMPONENTS.filter((name) => (name === "CDP_EMQ" ? blend : (weights[name] ?? 0) > 0));
}

/** The trust policy as the library reads it. */
export function trustPolicy(trust: Trust): TrustPolicy {
  return {
    preset: trust.preset,
    ...(trust.preset === "CUSTOM" ? { weights: trust.weights } : {}),
    healthy_threshold: trust.healthy,
    degraded_threshold: trust.degraded,
    profile: trust.profile,
    overrides: trust.overrides,
    required_components: trust.required,
    cdp_blend: trust.blend,
  };
}

export function enforcement(limits: Limits): EnforcementSettings {
  return {
    default_mode: limits.mode,
    max_daily_budget_increase_pct: limits.maxIncreasePct,
    max_campaign_budget_cents: limits.maxBudget,
    roas_threshold: limits.roas,
    max_changes_per_day: limits.changesPerDay,
    min_hours_between_changes: limits.hoursBetween,
    ad_frequency_cap: limits.frequencyCap,
    daily_spend_limit_cents: limits.dailySpend,
  };
}

export interface Outcome {
  health: HealthSnapshot;
  decision: DecisionResponse;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A campaign that exists nowhere but in the question. */
const CAMPAIGN = "what-if";
/** A return is told as revenue for this much spend, which is enough for every rule to look at it. */
const SPENT = 1_000_000;

/** For whom and when a scenario is decided. */
export interface Setting {
  tenant_id: string;
  currency: string;
  now: number;
  /** When the tenant's next day begins. */
  midnight: number;
}

/** Decides the scenario: health from the components, then gate and limits together. */
export function decide({ call }: Engine, scenario: Scenario, { tenant_id, currency, now, midnight }: Setting): Outcome {
  const at = (back: number) => new Date(now - back).toISOString();
  const { platform, change } = scenario;
  const trust = trustPolicy(scenario.trust);
  const health = call("health.evaluate", {
    facts: {
      tenant_id,
      platform,
      now: at(scenario.snapshotMinutes * MINUTE),
      data_as_of: at(scenario.dataAgeHours * HOUR),
      components: Object.fromEntries(counted(scenario.trust).map((name) => [name, scenario.scores[name] ?? null])),
    },
    policy: trust,
  });
  const action = { action_type: change.type, entity_type: "CAMPAIGN", entity_id: CAMPAIGN } as const;
  const request: DecisionRequest = {
    facts: {
      gate: {
        tenant_id,
        ...action,
        platforms: [platform],
        // What the API did is no component, so it is told beside them.
        snapshots: [scenario.apiDown ? { ...health, api: { ...health.api, credentials_valid: false } } : health],
        incidents: scenario.incident ? [{ platform, kind: "PLATFORM", severity: "CRITICAL" }] : [],
        frozen: scenario.frozen,
        now: at(0),
      },
      limits: {
        change: { ...action, platform, change: amounts(change, currency) },
        known: {
          currency,
          now: at(0),
          next_local_midnight: new Date(midnight).toISOString(),
          campaign_id: CAMPAIGN,
          budget: { active: true, budget_cents: change.before, kind: "DAILY" },
          ...(change.opening === change.before ? {} : { first_budget_today_cents: change.opening }),
          campaign: change.roas === null ? {} : { spend_cents: SPENT, revenue_cents: Math.round(SPENT * change.roas) },
          exposure: { frequency: change.frequency },
          changes_today: change.changesToday,
          other_daily_budgets_cents: change.otherBudgets,
          spend_today_cents: change.spentToday,
          last_change_at: change.hoursSince === null ? null : at(change.hoursSince * HOUR),
        },
      },
    },
    policy: { trust, enforcement: enforcement(scenario.limits) },
  };
  return { health, decision: call("decision.evaluate", request) };
}

function amounts(change: Change, currency: string): CheckSubject["change"] {
  const { type, before, after } = change;
  if (type.startsWith("BUDGET")) return { field: "BUDGET", kind: "DAILY", before_cents: before, after_cents: after, currency };
  if (type.startsWith("BID")) return { field: "BID", before_cents: before, after_cents: after, currency };
  if (type.startsWith("ENABLE")) return { field: "STATUS", before: "PAUSED", after: "ACTIVE" };
  return { field: "STATUS", before: "ACTIVE", after: "PAUSED" };
}
