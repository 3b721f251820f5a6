import { describe, expect, it } from "vitest";
import { type Answers, follow, present } from "./present";
import { PRESETS, type Scenario } from "./scenario";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const QUIET: Answers = {
  health: {
    components: [{ name: "EMQ", score: 91, weight: 35, contribution: 31.85 }],
    platforms: [{ platform: "META", score: 91, status: "HEALTHY", coverage_pct: 100, data_as_of: "2026-03-02T10:57:00Z", snapshot_id: "6a8f9a52-6f67-4b0e-9a35-8a2f6c5f8a01" }],
    issues: [],
    computed_at: "2026-03-02T11:29:30Z",
  },
  killSwitch: { active: false, operator_frozen: false },
  incidents: [],
};
const stands = (part: Partial<Answers>) => present("META", { ...QUIET, ...part }, NOW);
const incident = (severity: string, closed_at: string | null = null) => ({ severity, closed_at });

describe("what stands now", () => {
  it("has the ages of health and data, rounded up", () => {
    const { present: now, notes } = stands({});
    expect(now).toMatchObject({ snapshotMinutes: 31, dataAgeHours: 1.1, frozen: false, incident: false, apiDown: false });
    expect(now.scores).toMatchObject({ EMQ: 91, API_HEALTH: null });
    expect(notes).toEqual([]);
  });

  it("is stopped by the tenant's switch, and by the operator's", () => {
    expect(stands({ killSwitch: { active: true, operator_frozen: false } }).present.frozen).toBe(true);
    const operator = stands({ killSwitch: { active: false, operator_frozen: true } });
    expect(operator.present.frozen).toBe(true);
    expect(operator.notes).toHaveLength(1);
  });

  it("has an incident while a critical one is open, and no other", () => {
    expect(stands({ incidents: [incident("CRITICAL")] }).present.incident).toBe(true);
    expect(stands({ incidents: [incident("HIGH"), incident("CRITICAL", "2026-03-02T11:59:00Z")] }).present.incident).toBe(false);
  });

  it("has an API that is down where the credentials of this platform are invalid", () => {
    const invalid = (platform: string) => stands({ health: { ...QUIET.health, issues: [{ code: "CREDENTIALS_INVALID", message: "", values: { platform } }] } });
    expect(invalid("META").present.apiDown).toBe(true);
    expect(invalid("GOOGLE").present.apiDown).toBe(false);
  });

  it("takes for bad what could not be learnt, and says so each time", () => {
    const { present: now, notes } = stands({ killSwitch: null, incidents: null, health: { ...QUIET.health, platforms: [] } });
    expect(now).toMatchObject({ frozen: true, incident: true });
    // The gate blocks on health older than 24 hours, and holds for data older than 48 (domain, section 5).
    expect(now.snapshotMinutes).toBeGreaterThan(24 * 60);
    expect(now.dataAgeHours).toBeGreaterThan(48);
    expect(notes).toHaveLength(4);
  });
});

const begun: Scenario = {
  platform: "META",
  ...stands({}).present,
  change: { type: "BUDGET_INCREASE", before: 35_000, after: 40_250, opening: 35_000, roas: 2.8, frequency: null, changesToday: 1, hoursSince: 30, otherBudgets: 0, spentToday: 0 },
  trust: { preset: "FIVE", weights: PRESETS.FIVE, healthy: 75, degraded: 40, profile: "STANDARD", overrides: {}, required: [], blend: false },
  limits: { mode: "SOFT_BLOCK", maxIncreasePct: 20, maxBudget: 1_000_000, roas: 2, changesPerDay: 10, hoursBetween: 4, frequencyCap: 3, dailySpend: null },
};
const later: Scenario = { ...begun, frozen: true, scores: { ...begun.scores, EMQ: 60, API_HEALTH: 80 }, limits: { ...begun.limits, roas: 3, mode: "HARD_BLOCK" }, trust: { ...begun.trust, overrides: { BUDGET_INCREASE: 90 } } };

describe("a scenario whose beginning has changed", () => {
  it("follows where nobody moved anything", () => {
    expect(follow(begun, later, begun)).toEqual(later);
  });

  it("keeps what a person moved, and follows beside it", () => {
    const mine = { ...begun, scores: { ...begun.scores, EMQ: 99 }, limits: { ...begun.limits, roas: 1 }, snapshotMinutes: 5 };
    expect(follow(begun, later, mine)).toEqual({ ...later, scores: { ...later.scores, EMQ: 99 }, limits: { ...later.limits, roas: 1 }, snapshotMinutes: 5 });
  });

  it("keeps a policy that a person moved as a whole: weights and thresholds belong together", () => {
    const mine = { ...begun, trust: { ...begun.trust, healthy: 80 } };
    expect(follow(begun, later, mine).trust).toEqual(mine.trust);
  });
});
