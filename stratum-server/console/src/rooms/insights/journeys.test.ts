import type { Journey } from "@stratum-trust/wasm/full";
import { expect, it } from "vitest";
import { CONVERTED, creditTable, LEFT, pathsOf, type Said } from "./journeys";

const journey = (channels: readonly string[], value_cents: number | null): Journey => ({
  conversion: value_cents === null ? null : { converted_at: "2026-03-05T00:00:00.000Z", value_cents },
  touches: channels.map((channel) => ({ channel, kind: "click", touched_at: "2026-03-01T00:00:00.000Z" })),
});

it("who went the same way to the same end is one path; a conversion without a touch went none", () => {
  expect(pathsOf([journey(["meta", "google"], 100), journey(["meta", "google"], 200), journey(["meta", "google"], null), journey([], 300)])).toEqual([
    { stops: ["meta", "google"], end: CONVERTED, count: 2 },
    { stops: ["meta", "google"], end: LEFT, count: 1 },
  ]);
});

it("every model credits the same channels, in their order, and what no channel led to stands last", () => {
  const credit = (channel: string | null, conversions: number, value_cents: number) => ({ channel, campaign: null, conversions, value_cents, spend_cents: null, roas: null });
  const said: Said = {
    rules: {
      conversions: 2,
      value_cents: 300,
      models: [
        { model: "last_touch", credits: [credit("meta", 0, 0), credit("google", 1, 100), credit(null, 1, 200)] },
        { model: "linear", credits: [credit("google", 0.5, 50), credit("meta", 0.5, 50), credit("email", 0, 0), credit(null, 1, 200)] },
      ],
    },
    markov: { channels: [{ channel: "google", conversions: 0.25, value_cents: 25, weight: 0.25, removal_effect: 0.2 }, { channel: "meta", conversions: 0.75, value_cents: 75, weight: 0.75, removal_effect: 0.6 }], conversion_probability: 1, order: 1, states: 2, transitions: 3, unattributed_conversions: 1, unattributed_value_cents: 200 },
    shapley: { channels: [{ channel: "google", shapley_value: 0.5, value_cents: 50, weight: 0.5 }, { channel: "meta", shapley_value: 0.5, value_cents: 50, weight: 0.5 }], total: 1, unattributed_conversions: 1, unattributed_value_cents: 200 },
  };
  const { channels, models } = creditTable(said, "value_cents");
  expect(channels).toEqual(["google", "meta", "no channel"]);
  expect(models.map(({ name, credits }) => [name, credits])).toEqual([
    ["Last touch", [100, 0, 200]],
    ["Linear", [50, 50, 200]],
    ["Markov", [25, 75, 200]],
    ["Shapley", [50, 50, 200]],
  ]);
  expect(creditTable(said, "conversions").models.at(-1)?.credits).toEqual([0.5, 0.5, 1]);
});
