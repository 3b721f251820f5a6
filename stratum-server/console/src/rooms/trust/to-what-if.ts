import { ACTIONS, COMPONENTS, hasAmounts, type Overrides, PRESETS, type Scenario, type Trust, type Weights } from "~/rooms/what-if/scenario";
import type { Platform } from "~/words/vocabulary";
import type { GateRecord } from "./queries";

interface ApiFacts {
  credentials_valid?: boolean | null;
  requests?: number;
  failures?: number;
}

/** What of facts and policy a scenario takes over. */
interface Facts {
  gate: { now: string; frozen: boolean; incidents: readonly { severity: string }[]; snapshots: readonly { computed_at: string; data_as_of: string | null; api?: ApiFacts; components: readonly { name: string; score: number | null }[] }[] };
  limits?: {
    change: { change: { before_cents?: number; after_cents?: number } };
    known: {
      changes_today: number;
      first_budget_today_cents?: number | null;
      last_change_at?: string | null;
      campaign?: { revenue_cents?: number | null; spend_cents?: number | null };
      exposure?: { impressions?: number | null; reach?: number | null };
      other_daily_budgets_cents?: number | null;
      spend_today_cents?: number | null;
    };
  } | null;
}

interface Policy {
  trust: { preset: Trust["preset"]; weights?: Weights | null; healthy_threshold: number; degraded_threshold: number; profile: Trust["profile"]; overrides: Overrides; required_components: Trust["required"]; cdp_blend: boolean };
  enforcement: {
    default_mode: Scenario["limits"]["mode"];
    max_daily_budget_increase_pct: number;
    max_campaign_budget_cents: number;
    roas_threshold: number;
    max_changes_per_day: number;
    min_hours_between_changes: number;
    ad_frequency_cap: number;
    daily_spend_limit_cents: number | null;
  };
}

const HOUR = 3_600_000;
const hundredth = (value: number) => Math.round(value * 100) / 100;
const share = (part: number | null | undefined, of: number | null | undefined) => (typeof part === "number" && typeof of === "number" && of > 0 ? hundredth(part / of) : null);

/** As the library says: the credentials are invalid, or every request failed. */
function isDown({ credentials_valid, requests = 0, failures = 0 }: ApiFacts = {}): boolean {
  return credentials_valid === false || (requests > 0 && failures >= requests);
}

/** A recorded decision as a scenario to play with; null where What-if has no form for it (more platforms than one). */
export function scenarioOf(record: GateRecord): Scenario | null {
  const { gate, limits } = record.facts as unknown as Facts;
  const { trust, enforcement } = record.policy as unknown as Policy;
  const [snapshot] = gate.snapshots;
  const type = ACTIONS.find((known) => known === record.action_type);
  if (record.platforms.length !== 1 || snapshot === undefined || type === undefined || !limits) return null;
  const { before_cents: before, after_cents: after } = limits.change.change;
  if (hasAmounts(type) && (before === undefined || after === undefined)) return null;
  const back = (at: string) => Math.max(0, Date.parse(gate.now) - Date.parse(at));
  const { known } = limits;
  return {
    platform: record.platforms[0] as Platform,
    scores: Object.fromEntries(COMPONENTS.map((name) => [name, snapshot.components.find((one) => one.name === name)?.score ?? null])),
    dataAgeHours: snapshot.data_as_of === null ? 72 : hundredth(back(snapshot.data_as_of) / HOUR),
    snapshotMinutes: Math.round(back(snapshot.computed_at) / 60_000),
    frozen: gate.frozen,
    incident: gate.incidents.some(({ severity }) => severity === "CRITICAL"),
    apiDown: isDown(snapshot.api),
    change: {
      type,
      before: before ?? 20_000,
      after: after ?? 22_000,
      opening: known.first_budget_today_cents ?? before ?? 20_000,
      roas: share(known.campaign?.revenue_cents, known.campaign?.spend_cents),
      frequency: share(known.exposure?.impressions, known.exposure?.reach),
      changesToday: known.changes_today,
      hoursSince: known.last_change_at ? hundredth(back(known.last_change_at) / HOUR) : null,
      otherBudgets: known.other_daily_budgets_cents ?? 0,
      spentToday: known.spend_today_cents ?? 0,
    },
    trust: {
      preset: trust.preset,
      weights: trust.preset === "CUSTOM" ? (trust.weights ?? {}) : PRESETS[trust.preset],
      healthy: trust.healthy_threshold,
      degraded: trust.degraded_threshold,
      profile: trust.profile,
      overrides: trust.overrides,
      required: trust.required_components,
      blend: trust.cdp_blend,
    },
    limits: {
      mode: enforcement.default_mode,
      maxIncreasePct: enforcement.max_daily_budget_increase_pct,
      maxBudget: enforcement.max_campaign_budget_cents,
      roas: enforcement.roas_threshold,
      changesPerDay: enforcement.max_changes_per_day,
      hoursBetween: enforcement.min_hours_between_changes,
      frequencyCap: enforcement.ad_frequency_cap,
      dailySpend: enforcement.daily_spend_limit_cents,
    },
  };
}
