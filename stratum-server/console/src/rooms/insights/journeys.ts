// The ways that people went, each up to a conversion or to none, and what the channels on them are credited.

import type { AttributionReport, Journey, MarkovAttribution, RuleModel, ShapleyAttribution } from "@stratum-trust/wasm/full";
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
  shapley: ShapleyAttribution;
}

export async function creditOf({ call }: Customer, journeys: readonly Journey[]): Promise<Said> {
  const paths = journeys.map((journey) => ({
    path: stopsOf(journey),
    ...(journey.conversion === null ? { nulls: 1 } : { conversions: 1, value_cents: journey.conversion.value_cents }),
  }));
  const [rules, markov, shapley] = await Promise.all([call("attribution.rules", { journeys }), call("attribution.markov", { paths }), call("attribution.shapley", { paths })]);
  return { rules, markov, shapley };
}

const MODELS: Record<RuleModel, readonly [string, string]> = {
  last_touch: ["Last touch", "all to the last touch"],
  first_touch: ["First touch", "all to the first touch"],
  linear: ["Linear", "to each touch the same"],
  position_based: ["Position based", "40 % to each end"],
  time_decay: ["Time decay", "half for 7 days earlier"],
  w_shaped: ["W-shaped", "30 % to first, middle, last"],
};

/** What the models do, for those who meet them for the first time. */
export const EXPLAINED: readonly (readonly [string, string])[] = [
  ["Last touch, first touch", "The whole conversion goes to the last, or the first, touch before it."],
  ["Linear", "Every touch before the conversion gets the same part; a channel that was touched twice gets two."],
  ["Position based", "40 % to the first touch and to the last; those between share the rest."],
  ["Time decay", "A touch seven days earlier counts half as much."],
  ["W-shaped", "30 % to the first touch, to the one in the middle and to the last; the others share the rest."],
  ["Markov", "From all ways, also those that led to nothing: how many conversions would be lost if the channel were taken away. Each channel gets its part of these losses."],
  ["Shapley", "What a channel adds, averaged over every order in which the channels of a way could have come: each of them gets the same part, however often it was touched."],
];

export type Measure = "value_cents" | "conversions";
/** Where the channels are not known. */
const NOBODY = "no channel";

function unattributed(said: MarkovAttribution | ShapleyAttribution, measure: Measure): readonly [string, number] {
  return [NOBODY, measure === "conversions" ? said.unattributed_conversions : said.unattributed_value_cents];
}

/** The credits of each model over the same channels, in the order of the channels. */
export function creditTable({ rules, markov, shapley }: Said, measure: Measure): { channels: string[]; models: Credit[] } {
  const all = [
    ...rules.models.map(({ model, credits }) => ({ name: MODELS[model][0], note: MODELS[model][1], of: new Map(credits.map((credit) => [credit.channel ?? NOBODY, credit[measure]])) })),
    {
      name: "Markov",
      note: "what is lost without it",
      of: new Map([...markov.channels.map((one) => [one.channel, one[measure]] as const), unattributed(markov, measure)]),
    },
    {
      name: "Shapley",
      note: "to each channel the same",
      // What it adds is counted in conversions, unless another game is asked for.
      of: new Map([...shapley.channels.map((one) => [one.channel, measure === "conversions" ? one.shapley_value : (one.value_cents ?? 0)] as const), unattributed(shapley, measure)]),
    },
  ];
  const channels = [...new Set(all.flatMap(({ of }) => [...of].filter(([, credit]) => credit !== 0).map(([channel]) => channel)))].sort((a, b) => Number(a === NOBODY) - Number(b === NOBODY) || (a < b ? -1 : 1));
  return { channels, models: all.map(({ name, note, of }) => ({ name, note, credits: channels.map((channel) => of.get(channel) ?? 0) })) };
}
