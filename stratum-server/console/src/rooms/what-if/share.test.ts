import { describe, expect, it } from "vitest";
import { PRESETS, type Scenario } from "./scenario";
import { decode, encode } from "./share";

const scenario: Scenario = {
  platform: "TIKTOK",
  scores: { EMQ: 61.25, EVENT_LOSS: null, API_HEALTH: 96, FRESHNESS: 100, VARIANCE: 55, ANOMALY: 0, PLATFORM_STABILITY: null, DATA_QUALITY: null, CDP_EMQ: null },
  dataAgeHours: 1.5,
  snapshotMinutes: 3,
  frozen: false,
  incident: true,
  apiDown: true,
  change: { type: "BUDGET_INCREASE", before: 35_000, after: 40_250, opening: 35_000, roas: 2.8, frequency: null, changesToday: 1, hoursSince: 30, otherBudgets: 0, spentToday: 12_00 },
  trust: { preset: "CUSTOM", weights: { EMQ: 30, API_HEALTH: 10, EVENT_LOSS: 20, FRESHNESS: 15, VARIANCE: 15, ANOMALY: 10 }, healthy: 75, degraded: 40, profile: "CAUTIOUS", overrides: { BUDGET_INCREASE: 85, PAUSE_ADSET: 72 }, required: ["FRESHNESS"], blend: false },
  limits: { mode: "HARD_BLOCK", maxIncreasePct: 20, maxBudget: 1_000_000, roas: 2, changesPerDay: 10, hoursBetween: 4, frequencyCap: 3, dailySpend: null },
};

/** A link with one thing in its list changed. */
function bent(bend: (list: unknown[]) => void): string {
  const list = JSON.parse(atob(encode(scenario).slice(2).replaceAll("-", "+").replaceAll("_", "/")));
  bend(list);
  return `1.${btoa(JSON.stringify(list))}`;
}

function problems(link: string) {
  const read = decode(link);
  return read.ok ? [] : read.problems;
}

describe("a link to a scenario", () => {
  it("gives the same scenario back", () => {
    expect(decode(encode(scenario))).toEqual({ ok: true, scenario });
  });

  it("gives a preset back with its weights", () => {
    const preset = { ...scenario, trust: { ...scenario.trust, preset: "FOUR" as const, weights: PRESETS.FOUR } };
    expect(decode(encode(preset))).toEqual({ ok: true, scenario: preset });
  });

  it("of before the API could be down is still read", () => {
    expect(decode(bent((list) => list.pop()))).toEqual({ ok: true, scenario: { ...scenario, apiDown: false } });
  });

  it("is short and stands in an address as it is", () => {
    const link = encode(scenario);
    expect(link).toMatch(/^1\.[\w-]+$/);
    expect(link.length).toBeLessThan(600);
  });

  it("is refused with one sentence when it was cut", () => {
    for (const cut of ["", "1", "1.", encode(scenario).slice(0, -20), "1.%%%"]) expect(problems(cut)).toHaveLength(1);
  });

  it("of another version says which one this page reads", () => {
    expect(problems("7.abc")[0]?.message).toBe("the link is of version 7, this page reads version 1");
  });

  it("names everything that is wrong with it, each with its place", () => {
    const found = problems(
      bent((list) => {
        list[0] = "MYSPACE";
        (list[1] as unknown[])[0] = 140;
        list[4] = "no";
        (list[6] as unknown[])[1] = 0.5;
        (list[7] as unknown[][])[1]![0] = 35;
      }),
    );
    expect(found.map(({ path }) => path).sort()).toEqual(["/change/before", "/change/before", "/frozen", "/platform", "/policy/weights", "/scores/EMQ"]);
  });

  it("holds no text that could be run or be a number that is none", () => {
    expect(problems(bent((list) => (list[2] = "<script>")))).toHaveLength(1);
    expect(problems(bent((list) => (list[2] = null)))).toHaveLength(1);
  });
});
