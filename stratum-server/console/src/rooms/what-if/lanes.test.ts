import type { BacktestVerdict } from "@stratum-trust/wasm";
import { expect, it } from "vitest";
import { bars, lanes, runs } from "./lanes";

const verdict = (platform: "META" | "GOOGLE", day: number, decision: "PASS" | "HOLD" | "BLOCK"): BacktestVerdict => ({
  platform,
  timestamp: `2026-03-0${day}T00:00:00.000Z`,
  action_type: "BUDGET_INCREASE",
  decision,
  score: 70,
  threshold: 70,
  reasons: [],
});

it("every day is drawn once, as high as its health and under its verdict", () => {
  const drawn = bars([verdict("META", 1, "PASS"), verdict("META", 2, "HOLD"), verdict("META", 3, "PASS")]);
  // 70 on a scale from 40 to 100 lies half way.
  expect(drawn).toEqual({ PASS: "M0 100V50h1V100zM2 100V50h1V100z", HOLD: "M1 100V50h1V100z", BLOCK: "" });
});

it("two runs are laid side by side by platform, with counts and the days that differ", () => {
  const [meta, google] = lanes(
    runs({ verdicts: [verdict("META", 1, "PASS"), verdict("META", 2, "PASS"), verdict("GOOGLE", 1, "BLOCK")] }),
    runs({ verdicts: [verdict("META", 1, "PASS"), verdict("META", 2, "HOLD"), verdict("GOOGLE", 1, "BLOCK")] }),
  );
  expect(meta).toMatchObject({ current: { platform: "META", counts: { PASS: 2, HOLD: 0 } }, proposed: { counts: { PASS: 1, HOLD: 1 } }, differing: [1] });
  expect(google).toMatchObject({ current: { platform: "GOOGLE", counts: { BLOCK: 1 }, bound: 50 }, differing: [] });
});
