import { expect, test } from "vitest";
import { proposed } from "./change";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const waiting = [
  { action_type: "PAUSE_CAMPAIGN", proposed_value: { status: "PAUSED" } },
  { action_type: "BUDGET_INCREASE", proposed_value: { before_cents: 35_000, after_cents: 40_250 }, gate: { id: "asked" } },
];
const nobody = () => Promise.resolve(null);
const known = (facts: object) => () => Promise.resolve({ facts: { limits: { known: facts } } });

test("a waiting change comes with what was known about it, and nothing of it is assumed", async () => {
  const facts = { campaign: { revenue_cents: 50_000, spend_cents: 20_000 }, exposure: { impressions: 900, reach: 400 }, first_budget_today_cents: 30_000, changes_today: 2, last_change_at: "2026-03-02T06:00:00Z", other_daily_budgets_cents: 7, spend_today_cents: 9 };
  expect(await proposed("META", waiting, known(facts), NOW)).toEqual({
    change: { type: "BUDGET_INCREASE", before: 35_000, after: 40_250, opening: 30_000, roas: 2.5, frequency: 2.25, changesToday: 2, hoursSince: 6, otherBudgets: 7, spentToday: 9 },
    notes: [],
  });
});

test("a return and views that the server does not know are missing, not invented", async () => {
  expect((await proposed("META", waiting, known({ changes_today: 0 }), NOW)).change).toMatchObject({ roas: null, frequency: null });
});

test("figures of nobody are said to be assumed", async () => {
  for (const list of [waiting, []]) expect((await proposed("META", list, nobody, NOW)).notes).toEqual([expect.stringContaining("assumed")]);
});
