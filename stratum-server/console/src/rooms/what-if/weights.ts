import type { HealthComponent } from "@stratum-trust/wasm";
import { LEAST_EMQ, type Weights } from "./scenario";

const least = (name: HealthComponent) => (name === "EMQ" ? LEAST_EMQ : 0);

/**
 * Sets one weight and takes the difference from the others in proportion, in whole points, so that they make 100 and
 * match quality keeps its least. A weight that asks for more than there is gets what there is.
 */
export function rebalance(weights: Weights, name: HealthComponent, wanted: number): Weights {
  const others = (Object.keys(weights) as HealthComponent[]).filter((other) => other !== name);
  if (others.length === 0) return { [name]: 100 };
  const kept = others.reduce((sum, other) => sum + least(other), 0);
  const value = Math.min(Math.max(Math.round(wanted), least(name)), 100 - kept);
  const spare = 100 - value - kept;
  const above = others.map((other) => Math.max((weights[other] ?? 0) - least(other), 0));
  const sum = above.reduce((all, one) => all + one, 0);
  const exact = above.map((one) => (sum === 0 ? spare / others.length : (spare * one) / sum));
  const whole = exact.map(Math.floor);
  const left = spare - whole.reduce((all, one) => all + one, 0);
  const byRemainder = exact.map((one, index) => [one - Math.floor(one), index] as const).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (const [, index] of byRemainder.slice(0, left)) whole[index] = (whole[index] ?? 0) + 1;
  return { ...weights, [name]: value, ...Object.fromEntries(others.map((other, index) => [other, least(other) + (whole[index] ?? 0)])) };
}
