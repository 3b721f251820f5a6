// The names and colours of channels.

import { capital, word } from "~/words/vocabulary";

const OWN: Readonly<Record<string, string>> = { meta: "--meta", google: "--google", tiktok: "--tiktok", snapchat: "--snapchat" };
const SERIES = 6;

/** A colour of tokens.css for each name: a platform's own, the others in their order; from the seventh on they share one. */
export function coloursOf(names: readonly string[]): ReadonlyMap<string, string> {
  let next = 0;
  return new Map(names.map((name) => [name, `var(${OWN[name.toLowerCase()] ?? (next < SERIES ? `--series-${++next}` : "--idle")})`]));
}

/** A channel as people write it: a platform by its name, the others with a capital letter. */
export function channelName(channel: string): string {
  return channel.toLowerCase() in OWN ? word(channel.toUpperCase()) : capital(channel);
}
