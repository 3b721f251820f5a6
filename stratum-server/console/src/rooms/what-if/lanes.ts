// Two policies side by side, day by day.

import type { BacktestRun, BacktestVerdict, GateDecision } from "@stratum-trust/wasm";
import type { Platform } from "~/words/vocabulary";

/** One platform under both policies, day by day. */
export interface Lane {
  platform: Platform;
  days: readonly Day[];
  current: Counts;
  proposed: Counts;
}

export interface Day {
  timestamp: string;
  current: Said;
  proposed: Said;
  differs: boolean;
}

export type Said = Pick<BacktestVerdict, "decision" | "score" | "threshold" | "reasons">;
export type Counts = Record<GateDecision, number>;

/** Lays the verdicts of two policies on the same past side by side. Both runs have them in the same order. */
export function lanes(inForce: BacktestRun, tried: BacktestRun): Lane[] {
  const found = new Map<Platform, Lane & { days: Day[] }>();
  inForce.verdicts.forEach((current, index) => {
    const proposed = tried.verdicts[index];
    if (proposed === undefined) return;
    let lane = found.get(current.platform);
    if (lane === undefined) {
      lane = { platform: current.platform, days: [], current: { PASS: 0, HOLD: 0, BLOCK: 0 }, proposed: { PASS: 0, HOLD: 0, BLOCK: 0 } };
      found.set(current.platform, lane);
    }
    lane.days.push({ timestamp: current.timestamp, current, proposed, differs: current.decision !== proposed.decision });
    lane.current[current.decision] += 1;
    lane.proposed[proposed.decision] += 1;
  });
  return [...found.values()];
}

/** What of the scores is drawn: below it the gate blocks, whatever a policy says. */
export const FLOOR = 40;

/** The days as bars as high as the health, one path per decision; a day is one unit wide and the row a hundred high. */
export function bars(days: readonly Said[]): Record<GateDecision, string> {
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
