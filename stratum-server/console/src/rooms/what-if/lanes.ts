// Two policies side by side, day by day.

import type { BacktestRun, BacktestVerdict, GateDecision } from "@stratum-trust/wasm";
import type { Platform } from "~/words/vocabulary";

/** One platform under one policy, as it is drawn and counted. */
export interface Run {
  platform: Platform;
  days: readonly Said[];
  counts: Counts;
  /** The bars, one path per decision. */
  drawn: Record<GateDecision, string>;
  /** How high the line of what is needed lies. */
  bound: number;
}

/** One platform under both policies. */
export interface Lane {
  current: Run;
  proposed: Run;
  /** The days on which the two decide otherwise, by their place. */
  differing: readonly number[];
}

export type Said = Pick<BacktestVerdict, "timestamp" | "decision" | "score" | "threshold" | "reasons">;
export type Counts = Record<GateDecision, number>;

const ALWAYS_NEEDED = 70;

/** What one policy says of the past, platform by platform. */
export function runs({ verdicts }: Pick<BacktestRun, "verdicts">): Run[] {
  const found = new Map<Platform, BacktestVerdict[]>();
  for (const verdict of verdicts) {
    const days = found.get(verdict.platform);
    if (days === undefined) found.set(verdict.platform, [verdict]);
    else days.push(verdict);
  }
  return [...found].map(([platform, days]) => {
    const counts: Counts = { PASS: 0, HOLD: 0, BLOCK: 0 };
    for (const { decision } of days) counts[decision] += 1;
    return { platform, days, counts, drawn: bars(days), bound: height(days.at(-1)?.threshold ?? ALWAYS_NEEDED) };
  });
}

/** Lays two policies on the same past side by side. Both have the platforms and their days in the same order. */
export function lanes(inForce: readonly Run[], tried: readonly Run[]): Lane[] {
  return inForce.flatMap((current, place): Lane[] => {
    const proposed = tried[place];
    if (proposed === undefined) return [];
    const differing: number[] = [];
    current.days.forEach(({ decision }, day) => {
      const other = proposed.days[day]?.decision;
      if (other !== undefined && other !== decision) differing.push(day);
    });
    return [{ current, proposed, differing }];
  });
}

/** What of the scores is drawn: below it the gate blocks, whatever a policy says. */
export const FLOOR = 40;

/** The days as bars as high as the health, one path per decision; a day is one unit wide and the row a hundred high. */
export function bars(days: readonly Pick<Said, "decision" | "score">[]): Record<GateDecision, string> {
  const drawn: Record<GateDecision, string> = { PASS: "", HOLD: "", BLOCK: "" };
  days.forEach(({ decision, score }, index) => {
    drawn[decision] += `M${index} 100V${height(score)}h1V100z`;
  });
  return drawn;
}

/** From the top, of a hundred; even the lowest score shows. */
export function height(score: number): number {
  return Math.round(Math.min(94, 100 - ((score - FLOOR) / (100 - FLOOR)) * 100));
}
