// How a platform stands now, from what the server answered. What could not be learnt is taken as bad, and named.

import type { Schema } from "~/api/client";
import { type Platform, word } from "~/words/vocabulary";
import { COMPONENTS, type Scenario } from "./scenario";

/** What the server answered; null where it gave no answer. */
export interface Answers {
  health: Pick<Schema<"SignalHealth">, "components" | "platforms" | "issues" | "computed_at">;
  killSwitch: Pick<Schema<"KillSwitch">, "active" | "operator_frozen"> | null;
  incidents: readonly { severity: string; closed_at?: string | null }[] | null;
}

export type Present = Pick<Scenario, "scores" | "dataAgeHours" | "snapshotMinutes" | "frozen" | "incident" | "apiDown">;

const MINUTE = 60_000;
/** The gate holds for data older than two days, and blocks on health older than one. */
const OLD_DATA_HOURS = 72;
const OLD_HEALTH_MINUTES = 1500;

/** Ages are rounded up: nothing begins fresher than it is. */
export function present(platform: Platform, { health, killSwitch, incidents }: Answers, now: number): { present: Present; notes: string[] } {
  const notes: string[] = [];
  const name = word(platform);
  const age = (at: string, step: number) => Math.max(0, Math.ceil((now - Date.parse(at)) / step));
  const measured = health.platforms.find((one) => one.platform === platform);
  const taken = measured?.snapshot_id ?? null;
  if (taken === null) notes.push(`The health of ${name} was never taken; it is assumed to be too old.`);
  if (!measured?.data_as_of) notes.push(`How old the data of ${name} are is not known; they are assumed to be too old.`);
  if (killSwitch === null) notes.push("Whether a kill switch is engaged could not be learnt; it is assumed to be.");
  else if (killSwitch.operator_frozen && !killSwitch.active) notes.push(`The operator has stopped automation, perhaps not on ${name}; it is assumed to be stopped here.`);
  if (incidents === null) notes.push("Whether a critical incident is open could not be learnt; one is assumed to be.");
  return {
    notes,
    present: {
      scores: Object.fromEntries(COMPONENTS.map((component) => [component, health.components.find((one) => one.name === component)?.score ?? null])),
      dataAgeHours: measured?.data_as_of ? age(measured.data_as_of, 6 * MINUTE) / 10 : OLD_DATA_HOURS,
      snapshotMinutes: taken === null ? OLD_HEALTH_MINUTES : age(health.computed_at, MINUTE),
      frozen: killSwitch === null || killSwitch.active || killSwitch.operator_frozen,
      incident: incidents === null || incidents.some(({ severity, closed_at }) => severity === "CRITICAL" && !closed_at),
      apiDown: health.issues.some(({ code, values }) => code === "CREDENTIALS_INVALID" && (values["platform"] ?? platform) === platform),
    },
  };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The parts of a scenario of which each number stands for itself; of the others the parts belong together. */
const APART: readonly (keyof Scenario)[] = ["scores", "limits"];

/** A scenario that a person may have moved, after what it began with has changed: what they moved stays theirs. */
export function follow(before: Scenario, after: Scenario, mine: Scenario): Scenario {
  return each(before, after, mine, APART);
}

function each<T extends object>(before: T, after: T, mine: T, apart: readonly (keyof T)[]): T {
  const entries = (Object.keys(after) as (keyof T)[]).map((name) => {
    if (same(mine[name], before[name])) return [name, after[name]];
    const parts = [before[name], after[name], mine[name]] as [object, object, object];
    return [name, apart.includes(name) ? each(...parts, []) : mine[name]];
  });
  return { ...mine, ...Object.fromEntries(entries) };
}
