// The change that a scenario begins with: one that waits, or an example. What of it is assumed is named.

import type { ActionType } from "@stratum-trust/wasm";
import type { Schema } from "~/api/client";
import { type Platform, word } from "~/words/vocabulary";
import { BUDGETS, type Change } from "./scenario";

/** Figures of nobody: they break none of the usual limits. */
const EXAMPLE: Change = { type: "BUDGET_INCREASE", before: 20_000, after: 22_000, opening: 20_000, roas: 3, frequency: 1.8, changesToday: 0, hoursSince: null, otherBudgets: 0, spentToday: 0 };

/** What of a recorded decision's facts is read here; the record is checked elsewhere. */
interface KnownFacts {
  campaign?: { revenue_cents?: number | null; spend_cents?: number | null };
  exposure?: { impressions?: number | null; reach?: number | null };
  first_budget_today_cents?: number | null;
  changes_today?: number;
  last_change_at?: string | null;
  other_daily_budgets_cents?: number | null;
  spend_today_cents?: number | null;
}

type Waiting = Pick<Schema<"Action">, "action_type" | "proposed_value"> & { gate?: { id: string } | null };
type Decision = (id: string) => Promise<{ facts: Record<string, unknown> } | null>;

const HOUR = 3_600_000;
const hundredth = (value: number) => Math.round(value * 100) / 100;

/** The first change of a budget that waits on a platform, with what was known about it when the gate was last asked. */
export async function proposed(platform: Platform, waiting: readonly Waiting[], decision: Decision, now: number): Promise<{ change: Change; notes: string[] }> {
  const first = waiting.find((action) => BUDGETS.includes(action.action_type as ActionType));
  if (first === undefined) {
    return { change: EXAMPLE, notes: [`No change of a budget waits on ${word(platform)}: the change below is assumed, with a return of ${EXAMPLE.roas} and ${EXAMPLE.frequency} views per person.`] };
  }
  const { before_cents: before, after_cents: after } = first.proposed_value as { before_cents: number; after_cents: number };
  const own = { ...EXAMPLE, type: first.action_type as ActionType, before, after, opening: before };
  const record = first.gate ? await decision(first.gate.id) : null;
  const known = (record?.facts["limits"] as { known?: KnownFacts } | null | undefined)?.known;
  if (known === undefined) {
    return { change: own, notes: [`What is known about the waiting change cannot be read here: assumed are a return of ${own.roas}, ${own.frequency} views per person, and no change before it.`] };
  }
  // What the server does not know either is missing here, too.
  const share = (part: number | null | undefined, of: number | null | undefined) => (typeof part === "number" && typeof of === "number" && of > 0 ? hundredth(part / of) : null);
  const change = {
    ...own,
    opening: known.first_budget_today_cents ?? before,
    roas: share(known.campaign?.revenue_cents, known.campaign?.spend_cents),
    frequency: share(known.exposure?.impressions, known.exposure?.reach),
    changesToday: known.changes_today ?? 0,
    hoursSince: known.last_change_at ? Math.max(0, hundredth((now - Date.parse(known.last_change_at)) / HOUR)) : null,
    otherBudgets: known.other_daily_budgets_cents ?? 0,
    spentToday: known.spend_today_cents ?? 0,
  };
  return { change, notes: [] };
}
