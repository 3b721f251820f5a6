// The ways that people went, each up to a conversion or to none, and what the channels on them are credited.

import type { AttributionReport, Journey, MarkovAttribution, RuleModel } from "@stratum-trust/wasm/full";
import type { Customer } from "~/engine/customer";
import type { Credit } from "~/parts/chart/credit";
import type { Path } from "~/parts/chart/flows";
import type { People } from "./people";

const iso = (at: number) => new Date(at).toISOString();

/** The touches within the library's windows before each conversion, and those that led to none. */
export async function journeysOf({ call }: Customer, { doings }: People, conversion: string): Promise<Journey[]> {
  const touches = doings.flatMap(({ id, person, at, channel, kind }) => (channel === null ? [] : [{ profile_id: person, touch: { channel, kind: kind === "VIEW" ? ("view" as const) : ("click" as const), touched_at: iso(at), touch_id: id } }]));
  // What is given back is no conversion.
  const conversions = doings.flatMap(({ id, person, at, name, cents }) => (name === conversion && (cents ?? 0) >= 0 ? [{ profile_id: person, event_id: id, converted_at: iso(at), value_cents: cents ?? 0 }] : []));
  return (await call("journey.build", { touches, conversions })).journeys;
}

export const CONVERTED = "converted";
export const LEFT = "did not convert";

const stopsOf = ({ touches }: Journey) => touches.map(({ channel }) => channel);

/** The ways with their counts; a conversion that no touch led to went none. */
export function pathsOf(journeys: readonly Journey[]): Path[] {
  const found = new Map<string, Path>();
  for (const journey of journeys) {
    const stops = stopsOf(journey);
    if (stops.length === 0) continue;
    const end = journey.conversion === null ? LEFT : CONVERTED;
    const key = JSON.stringify([end, ...stops]);
    const path = found.get(key);
    if (path === undefined) found.set(key, { stops, end, count: 1 });
    else path.count += 1;
  }
  return [...found.values()];
}

/** What every model says of the same journeys. */
export interface Said {
  rules: AttributionReport;
  markov: MarkovAttribution;
}

export async function creditOf({ call }: Customer, journeys: readonly Journey[]): Promise<Said> {
  const paths = journeys.map((journey) => ({
    path: stopsOf(journey),
    ...(journey.conversion === null ? { nulls: 1 } : { conversions: 1, value_cents: journey.conversion.value_cents }),
  }));
  const [rules, markov] = await Promise.all([call("attribution.rules", { journeys }), call("attribution.markov", { paths })]);
  return { rules, markov };
}

const MODELS: Record<RuleModel, readonly [string, string]> = {
  last_touch: ["Last touch", "all to the last"],
  first_touch: ["First touch", "all to the first"],
  linear: ["Linear", "to each the same"],
  position_based: ["Position based", "40 % to both ends"],
  time_decay: ["Time decay", "half each 7 days"],
  w_shaped: ["W-shaped", "first, lead and last"],
};

export type Measure = "value_cents" | "conversions";
/** Where the channels are not known. */
const NOBODY = "no channel";

/** The credits of each model over the same channels, in the order of the channels. */
export function creditTable({ rules, markov }: Said, measure: Measure): { channels: string[]; models: Credit[] } {
  const all = [
    ...rules.models.map(({ model, credits }) => ({ name: MODELS[model][0], note: MODELS[model][1], of: new Map(credits.map((credit) => [credit.channel ?? NOBODY, credit[measure]])) })),
    {
      name: "Markov",
      note: "what is lost without it",
      of: new Map([...markov.channels.map((one) => [one.channel, one[measure]] as const), [NOBODY, measure === "conversions" ? markov.unattributed_conversions : markov.unattributed_value_cents] as const]),
    },
  ];
  const channels = [...new Set(all.flatMap(({ of }) => [...of].filter(([, credit]) => credit !== 0).map(([channel]) => channel)))].sort((a, b) => Number(a === NOBODY) - Number(b === NOBODY) || (a < b ? -1 : 1));
  return { channels, models: all.map(({ name, note, of }) => ({ name, note, credits: channels.map((channel) => of.get(channel) ?? 0) })) };
}
