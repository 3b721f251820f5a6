// What a platform's ninety days say, in one sentence, and the component that tells it.

import { onDay, score } from "~/words/figures";
import { capital, type Component, type Tone, word } from "~/words/vocabulary";

export interface Day {
  timestamp: string;
  score: number;
  components: Record<string, unknown>;
}

export interface Story {
  tone: Tone;
  headline: string;
  text: string;
  /** Whose line is worth drawing beside the score. */
  component: Component | null;
  /** Days that stand out: positions in the days. */
  marks: readonly number[];
}

/** A component below this is called low, as the API does. */
const LOW = 70;
/** An anomaly of the past is worth a word when it was one of the highest severity. */
const ODD = 1;
/** How many days back an anomaly is looked for. */
const LOOK_BACK = 30;

/** What people say is wrong when a component is low. */
const TROUBLE: Partial<Record<Component, string>> = {
  EVENT_LOSS: "Events are not arriving",
  EMQ: "Events cannot be matched to people",
  API_HEALTH: "Calls of the platform's API fail",
  FRESHNESS: "Data are late",
  VARIANCE: "Drifts away from GA4",
  ANOMALY: "Yesterday was out of the ordinary",
  DATA_QUALITY: "Records are incomplete",
  PLATFORM_STABILITY: "The connection is unstable",
};

/**
 * The story of a platform: its lowest component now, since when it is low, or the last day that was out of the ordinary.
 * Of several low ones an outage is told before its consequences: events that do not arrive make the figures unusual, too.
 */
export function tell(days: readonly Day[], claimsMorePct: number | null): Story {
  const now = days.at(-1);
  if (now === undefined) return { tone: "block", headline: "No data", text: "Nothing was measured yet.", component: null, marks: [] };
  const low = (Object.keys(TROUBLE) as Component[]).filter((name) => below(now, name, LOW));
  const [worst] = low;
  if (worst === undefined) return quiet(days);
  const told = { tone: now.score < LOW ? "hold" : "accent", headline: TROUBLE[worst] ?? capital(word(worst)), component: worst, marks: [] } as const;
  if (worst === "VARIANCE" && claimsMorePct !== null) {
    return { ...told, text: `It claims ${claimsMorePct.toFixed(1)} % more revenue than GA4 counts, and the gap grows since ${onDay(falling(days, worst))}.` };
  }
  // An outage makes the figures unusual; that goes without saying.
  const causes = low.filter((name) => name !== "ANOMALY" || low.length === 1);
  const fell = causes.map((name) => `${word(name)} fell to ${score(value(now, name))}`);
  const held = now.score < LOW ? " Changes wait until it recovers." : "";
  return { ...told, text: `${capital(list(fell))} on ${onDay(lowSince(days, worst))}.${held}` };
}

function quiet(days: readonly Day[]): Story {
  const marks = days.flatMap((day, index) => (index >= days.length - LOOK_BACK && below(day, "ANOMALY", ODD) ? [index] : []));
  if (marks.length === 0) return { tone: "pass", headline: "Nothing unusual", text: `No signal has given cause for doubt for ${days.length < LOOK_BACK ? `the ${days.length} days that are known` : `${LOOK_BACK} days`}.`, component: null, marks };
  const dates = list(marks.map((index) => onDay(days[index]?.timestamp ?? "")));
  return { tone: "pass", headline: "Healthy, with odd days", text: `Spend or results left their usual range on ${dates}; the signals are healthy again.`, component: null, marks };
}

function value(day: Day, component: Component): number | null {
  const found = day.components[component];
  return typeof found === "number" ? found : null;
}

/** Whether a component that counts is below a bound; a missing one is. */
function below(day: Day, component: Component, bound: number): boolean {
  return component in day.components && (value(day, component) ?? -1) < bound;
}

/** The first day of the low stretch that lasts until now. */
function lowSince(days: readonly Day[], component: Component): string {
  const before = days.findLastIndex((day) => !below(day, component, LOW));
  return days[before + 1]?.timestamp ?? "";
}

/** The beginning of the fall that lasts until now: the last day on which the component was whole. */
function falling(days: readonly Day[], component: Component): string {
  const whole = days.findLastIndex((day) => (value(day, component) ?? 0) >= 99.9);
  return days[Math.max(whole, 0)]?.timestamp ?? "";
}

function list(parts: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "conjunction" }).format(parts);
}

/** A component over the days, for a line. */
export function series(days: readonly Day[], component: Component): (number | null)[] {
  return days.map((day) => value(day, component));
}
