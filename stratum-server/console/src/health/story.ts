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
}

/** A component below this is called low, as the API does. */
const LOW = 70;

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
  if (now === undefined) return { tone: "block", headline: "No data", text: "Nothing was measured yet.", component: null };
  const order = Object.keys(TROUBLE) as Component[];
  const low = order.filter((name) => below(now, name));
  const [worst] = low;
  if (worst === undefined) return quiet(days);
  const since = lowSince(days, worst);
  const text =
    worst === "VARIANCE" && claimsMorePct !== null
      ? `It claims ${claimsMorePct.toFixed(1)} % more revenue than GA4 counts, and the gap grows since ${onDay(falling(days, worst))}.`
      : `${list(low.map((name) => `${capital(word(name))} ${score(value(now, name))}`))} of 100, low since ${onDay(since)}.`;
  return { tone: now.score < LOW ? "hold" : "accent", headline: TROUBLE[worst] ?? capital(word(worst)), text, component: worst };
}

function quiet(days: readonly Day[]): Story {
  const odd = days.slice(-30).filter((day) => below(day, "ANOMALY"));
  const last = odd.at(-1);
  if (last === undefined) return { tone: "pass", headline: "Nothing unusual", text: "Every signal has been healthy for 30 days.", component: null };
  const dates = list(odd.slice(-3).map((day) => onDay(day.timestamp)));
  const text = `Spend or results left their usual range on ${dates}; the signals are healthy again.`;
  return { tone: "pass", headline: "Back to normal", text, component: "ANOMALY" };
}

function value(day: Day, component: Component): number | null {
  const found = day.components[component];
  return typeof found === "number" ? found : null;
}

function below(day: Day, component: Component): boolean {
  if (!(component in day.components)) return false;
  const found = value(day, component);
  return found === null || found < LOW;
}

/** The first day of the low stretch that lasts until now. */
function lowSince(days: readonly Day[], component: Component): string {
  const before = days.findLastIndex((day) => !below(day, component));
  return days[before + 1]?.timestamp ?? "";
}

/** The first day of the fall that lasts until now: the last time that the component was whole. */
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
