import { expect, test } from "vitest";
import { trustOf } from "./in-force";
import { PRESETS, trustPolicy } from "./scenario";

test("the policy in force keeps its own thresholds of kinds of change on the way to the library", () => {
  const read = { preset: "FIVE", weights: PRESETS.FIVE, healthy_threshold: 70, degraded_threshold: 40, profile: "STANDARD", overrides: { BUDGET_INCREASE: 90 }, required_components: ["EMQ"], cdp_blend: false };
  expect(trustPolicy(trustOf(read as unknown as Parameters<typeof trustOf>[0])).overrides).toEqual({ BUDGET_INCREASE: 90 });
});
