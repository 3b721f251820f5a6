import { expect, it } from "vitest";
import { PRESETS, type Weights } from "./scenario";
import { rebalance } from "./weights";

const sum = (weights: Weights) => Object.values(weights).reduce((all, one) => all + one, 0);

it("a weight takes its difference from the others in proportion", () => {
  // 45 remain, 20 of them are kept for match quality; 25 · 20/55 = 9.09, 25 · 20/55 = 9.09, 25 · 15/55 = 6.82.
  expect(rebalance(PRESETS.FOUR, "FRESHNESS", 55)).toEqual({ EMQ: 29, FRESHNESS: 55, VARIANCE: 9, ANOMALY: 7 });
});

it("weights make 100 in whole points and match quality keeps its least, whatever is asked for", () => {
  for (const start of [PRESETS.FIVE, PRESETS.FOUR, { EMQ: 100, VARIANCE: 0 }]) {
    for (const name of Object.keys(start) as (keyof Weights)[]) {
      for (let wanted = -10; wanted <= 110; wanted += 7) {
        const next = rebalance(start, name, wanted);
        expect(sum(next)).toBe(100);
        expect(Object.values(next).every((weight) => Number.isInteger(weight) && weight >= 0)).toBe(true);
        expect(next.EMQ).toBeGreaterThanOrEqual(20);
      }
    }
  }
});
