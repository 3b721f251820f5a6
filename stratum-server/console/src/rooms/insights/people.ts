// Who is who in a file of events, and how far each of them came.

import type { FunnelEvaluation, IdentityEvent, IdentityGraph, ProfileView } from "@stratum-trust/wasm/full";
import type { Customer } from "~/engine/customer";
import type { Entry } from "./file";

/** An entry with the person whose it is. */
export interface Doing extends Entry {
  person: string;
}

export interface People {
  /** In order of time. */
  doings: readonly Doing[];
  profiles: readonly ProfileView[];
  /** How many identifiers were kept apart, each by the policy's reason. */
  refused: number;
}

const iso = (at: number) => new Date(at).toISOString();

function asEvents(entries: readonly Entry[]): IdentityEvent[] {
  return entries.map(({ id, at, name, identifiers }) => ({ event_id: id, event_time: iso(at), event_name: name, identifiers }));
}

/** Finds the people by the library's own rules: its strict policy. */
export async function findPeople({ call }: Customer, entries: readonly Entry[]): Promise<People> {
  const ordered = [...entries].sort((a, b) => a.at - b.at);
  const report = await call("identity.resolve", { events: asEvents(ordered) });
  const whose = new Map(report.profiles.flatMap(({ canonical, events }) => events.map((event) => [event, canonical] as const)));
  const doings = ordered.flatMap((entry): Doing[] => {
    const person = whose.get(entry.id);
    return person === undefined ? [] : [{ ...entry, person }];
  });
  return { doings, profiles: report.profiles, refused: report.refused.length };
}

/** The identifiers around a person, from the events of this person alone. */
export function graphOf({ call }: Customer, profile: ProfileView, entries: readonly Entry[]): Promise<IdentityGraph> {
  const own = new Set(profile.events);
  const at = profile.canonical.indexOf(":");
  return call("identity.graph", {
    events: asEvents(entries.filter(({ id }) => own.has(id)).sort((a, b) => a.at - b.at)),
    around: { type: profile.canonical.slice(0, at), value: profile.canonical.slice(at + 1) },
  });
}

/** Runs a funnel of these events, in this order. */
export function funnelOf({ call }: Customer, { doings }: People, steps: readonly string[]): Promise<FunnelEvaluation> {
  const events = doings.filter(({ name }) => steps.includes(name)).map(({ id, at, name, person }) => ({ event_id: id, event_time: iso(at), event_name: name, profile_id: person }));
  return call("funnel.evaluate", { events, funnel: { steps: steps.map((event_name) => ({ event_name })) } });
}

export interface EventName {
  name: string;
  people: number;
  /** Whether any of them has a value. */
  isWorth: boolean;
}

/** The kinds of event, the one that most people did first. */
export function eventNames({ doings }: People): EventName[] {
  const found = new Map<string, { people: Set<string>; isWorth: boolean }>();
  for (const { name, person, cents } of doings) {
    const one = found.get(name) ?? { people: new Set(), isWorth: false };
    one.people.add(person);
    one.isWorth ||= cents !== null;
    found.set(name, one);
  }
  return [...found].map(([name, { people, isWorth }]) => ({ name, people: people.size, isWorth })).sort((a, b) => b.people - a.people || (a.name < b.name ? -1 : 1));
}
