// A scenario as a piece of an address: `1.` and base64url of a JSON list in a fixed order. The number is the version of
// that order; a link of another version, or one that was cut or changed by hand, is refused with all that is wrong.

import type { Wrong } from "~/engine/answer";
import { ACTIONS, COMPONENTS, LEAST_EMQ, type Overrides, PLATFORMS, PRESETS, type Scenario, type Scores, type Weights } from "./scenario";

/** Also those that the room does not ask about: a policy may name them. */
const ACTION_TYPES = [...ACTIONS, "PAUSE_ADSET", "PAUSE_CREATIVE", "ENABLE_ADSET", "ENABLE_CREATIVE"] as const;
const VERSION = "1";
const MOST_CENTS = 100_000_000_00;

export type Read = { ok: true; scenario: Scenario } | { ok: false; problems: readonly Wrong[] };

export function encode(scenario: Scenario): string {
  const { change, trust, limits } = scenario;
  const list = [
    scenario.platform,
    COMPONENTS.map((name) => tidy(scenario.scores[name])),
    tidy(scenario.dataAgeHours),
    tidy(scenario.snapshotMinutes),
    scenario.frozen,
    scenario.incident,
    [change.type, change.before, change.after, change.opening, tidy(change.roas), tidy(change.frequency), change.changesToday, tidy(change.hoursSince), change.otherBudgets, change.spentToday],
    [trust.preset, COMPONENTS.map((name) => trust.weights[name] ?? 0), trust.healthy, trust.degraded, trust.profile, Object.entries(trust.overrides), trust.required, trust.blend],
    [limits.mode, limits.maxIncreasePct, limits.maxBudget, limits.roas, limits.changesPerDay, limits.hoursBetween, limits.frequencyCap, limits.dailySpend],
    scenario.apiDown,
  ];
  const bytes = new TextEncoder().encode(JSON.stringify(list));
  return `${VERSION}.${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** Three decimals are more than anybody sets, and keep links short. */
function tidy(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Math.round(value * 1000) / 1000;
}

export function decode(text: string): Read {
  const dot = text.indexOf(".");
  const version = text.slice(0, dot);
  if (dot < 1 || !/^\d+$/.test(version)) return broken("the link names no version", "ask for the link again; it may have been cut");
  if (version !== VERSION) return broken(`the link is of version ${version}, this page reads version ${VERSION}`, "reload the page, or ask for a new link");
  let list: unknown;
  try {
    const base64 = text.slice(dot + 1).replaceAll("-", "+").replaceAll("_", "/");
    list = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))));
  } catch {
    return broken("the link is incomplete or was changed", "ask for the link again; it may have been cut");
  }
  // Links of the first days end before the last entry, which was always false then.
  if (Array.isArray(list) && list.length === 9) list.push(false);
  if (!Array.isArray(list) || list.length !== 10) return broken("the link holds no scenario", "ask for the link again");
  const read = new Reader();
  const scenario = read.scenario(list);
  return read.problems.length === 0 ? { ok: true, scenario } : { ok: false, problems: read.problems };
}

function broken(message: string, help: string): Read {
  return { ok: false, problems: [{ path: "", message, help }] };
}

class Reader {
  readonly problems: Wrong[] = [];

  scenario(list: readonly unknown[]): Scenario {
    const [platform, scores, dataAgeHours, snapshotMinutes, frozen, incident] = list;
    const change = this.list("change", list[6], 10);
    const trust = this.list("policy", list[7], 8);
    const limits = this.list("limits", list[8], 8);
    const weights = this.weights(trust[1]);
    const preset = this.one("policy/preset", trust[0], ["FIVE", "FOUR", "CUSTOM"] as const);
    return {
      platform: this.one("platform", platform, PLATFORMS),
      scores: this.scores(scores),
      dataAgeHours: this.number("data age in hours", dataAgeHours, 0, 1000),
      snapshotMinutes: this.number("snapshot age in minutes", snapshotMinutes, 0, 10_000),
      frozen: this.flag("frozen", frozen),
      incident: this.flag("incident", incident),
      apiDown: this.flag("API down", list[9]),
      change: {
        type: this.one("change/type", change[0], ACTIONS),
        before: this.cents("change/before", change[1]),
        after: this.cents("change/after", change[2]),
        opening: this.cents("change/opening", change[3]),
        roas: this.known("change/roas", change[4], 0, 1000),
        frequency: this.known("change/frequency", change[5], 0, 1000),
        changesToday: this.whole("change/changes today", change[6], 0, 10_000),
        hoursSince: this.known("change/hours since the last", change[7], 0, 10_000),
        otherBudgets: this.whole("change/other budgets", change[8], 0, MOST_CENTS),
        spentToday: this.whole("change/spent today", change[9], 0, MOST_CENTS),
      },
      trust: {
        preset,
        weights: preset === "CUSTOM" ? weights : PRESETS[preset],
        healthy: this.number("policy/healthy", trust[2], 0, 100),
        degraded: this.number("policy/degraded", trust[3], 0, 100),
        profile: this.one("policy/profile", trust[4], ["STANDARD", "CAUTIOUS"] as const),
        overrides: this.overrides(trust[5]),
        required: this.list("policy/required", trust[6]).map((name) => this.one("policy/required", name, COMPONENTS)),
        blend: this.flag("policy/blend", trust[7]),
      },
      limits: {
        mode: this.one("limits/mode", limits[0], ["ADVISORY", "SOFT_BLOCK", "HARD_BLOCK"] as const),
        maxIncreasePct: this.number("limits/increase", limits[1], 0, 100),
        maxBudget: this.cents("limits/budget", limits[2]),
        roas: this.number("limits/return", limits[3], 0, 1000),
        changesPerDay: this.whole("limits/changes a day", limits[4], 1, 1000),
        hoursBetween: this.whole("limits/hours between", limits[5], 0, 168),
        frequencyCap: this.number("limits/frequency", limits[6], 0, 1000),
        dailySpend: limits[7] === null ? null : this.whole("limits/daily spend", limits[7], 0, MOST_CENTS),
      },
    };
  }

  private scores(given: unknown): Scores {
    const list = this.list("scores", given, COMPONENTS.length);
    return Object.fromEntries(COMPONENTS.map((name, index) => [name, this.known(`scores/${name}`, list[index], 0, 100)]));
  }

  private weights(given: unknown): Weights {
    const list = this.list("policy/weights", given, COMPONENTS.length);
    const entries = COMPONENTS.map((name, index) => [name, this.number(`policy/weights/${name}`, list[index], 0, 100)] as const);
    const sum = entries.reduce((all, [, weight]) => all + weight, 0);
    if (Math.abs(sum - 100) > 1e-6) this.say("policy/weights", `the weights make ${sum}, not 100`);
    if ((list[0] as number) < LEAST_EMQ) this.say("policy/weights/EMQ", `match quality weighs ${LEAST_EMQ} or more`);
    return Object.fromEntries(entries.filter(([, weight]) => weight > 0));
  }

  private overrides(given: unknown): Overrides {
    return Object.fromEntries(
      this.list("policy/own thresholds", given).map((pair) => {
        const [type, threshold] = this.list("policy/own thresholds", pair, 2);
        return [this.one("policy/own thresholds", type, ACTION_TYPES), this.number(`policy/own thresholds/${String(type)}`, threshold, 0, 100)];
      }),
    );
  }

  private say(path: string, message: string): void {
    this.problems.push({ path: `/${path}`, message });
  }

  private list(path: string, given: unknown, length?: number): readonly unknown[] {
    if (Array.isArray(given) && (length === undefined || given.length === length)) return given;
    this.say(path, length === undefined ? "this is no list" : `this is a list of ${length}`);
    return Array.from({ length: length ?? 0 }, () => null);
  }

  private one<T extends string>(path: string, given: unknown, names: readonly T[]): T {
    const found = names.find((name) => name === given);
    if (found === undefined) this.say(path, `${JSON.stringify(given)} is none of ${names.join(", ")}`);
    return found ?? (names[0] as T);
  }

  private number(path: string, given: unknown, from: number, to: number): number {
    if (typeof given === "number" && given >= from && given <= to) return given;
    this.say(path, `this is a number from ${from} to ${to}, not ${JSON.stringify(given)}`);
    return from;
  }

  private known(path: string, given: unknown, from: number, to: number): number | null {
    return given === null ? null : this.number(path, given, from, to);
  }

  private whole(path: string, given: unknown, from: number, to: number): number {
    if (typeof given === "number" && !Number.isInteger(given)) this.say(path, `this is a whole number, not ${given}`);
    return this.number(path, given, from, to);
  }

  private cents(path: string, given: unknown): number {
    return this.whole(path, given, 1, MOST_CENTS);
  }

  private flag(path: string, given: unknown): boolean {
    if (typeof given !== "boolean") this.say(path, `this is true or false, not ${JSON.stringify(given)}`);
    return given === true;
  }
}
