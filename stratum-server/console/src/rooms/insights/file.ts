// A file of events: CSV with a header, JSON, or JSON by lines. Nothing of it leaves the page.

import type { IdentifierType } from "@stratum-trust/wasm/full";
import Papa from "papaparse";

/** One thing that happened to somebody. */
export interface Entry {
  /** Its own, or by its place in the file. */
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  name: string;
  /** The channel through which the person came, where this was such a contact. */
  channel: string | null;
  kind: "CLICK" | "VIEW";
  /** What it was worth, in minor units. */
  cents: number | null;
  identifiers: readonly { type: IdentifierType; value: string }[];
}

/** A row that was set aside, by its place: the first row after the header is 1. */
export interface SetAside {
  row: number;
  why: string;
}

export interface FileOfEvents {
  entries: readonly Entry[];
  setAside: readonly SetAside[];
}

/** The first is how the example and the table of columns call it. */
export const COLUMNS = {
  time: ["time", "timestamp", "event_time", "occurred_at", "date"],
  event: ["event", "event_name", "name"],
  channel: ["channel", "platform", "source", "utm_source"],
  kind: ["kind", "touch", "touch_kind"],
  value: ["value", "revenue", "amount"],
  id: ["id", "event_id"],
} as const;

export const IDENTIFIERS: Record<IdentifierType, readonly string[]> = {
  external_id: ["external_id", "customer_id", "user_id", "profile_id", "person"],
  email: ["email", "e-mail", "mail"],
  phone: ["phone", "tel", "mobile"],
  device_id: ["device_id", "device"],
  anonymous_id: ["anonymous_id", "visitor_id", "visitor", "cookie"],
};

/** More rows than this are too many for a page. */
export const MOST_ROWS = 200_000;

type Cells = Readonly<Record<string, unknown>>;

/** Reads the text of a file; what is wrong with all of it is thrown as a sentence. `digits` are those of the currency. */
export function read(text: string, digits: number): FileOfEvents {
  const rows = /^\s*[[{]/.test(text) ? json(text) : csv(text);
  if (rows.length > MOST_ROWS) throw new Error(`The file has ${rows.length} rows; a page can work on ${MOST_ROWS}.`);
  const entries: Entry[] = [];
  const setAside: SetAside[] = [];
  const ids = new Set<string>();
  rows.forEach((cells, index) => {
    const found = entry(cells, index + 1, digits);
    if (typeof found === "string") setAside.push({ row: index + 1, why: found });
    else if (ids.has(found.id)) setAside.push({ row: index + 1, why: `a row before it has the same id "${found.id.slice(0, 40)}"` });
    else {
      ids.add(found.id);
      entries.push(found);
    }
  });
  if (entries.length === 0) throw new Error(setAside[0] === undefined ? "The file has no rows." : `No row could be read. Row 1: ${setAside[0].why}.`);
  return { entries, setAside };
}

function csv(text: string): Cells[] {
  const { data, meta } = Papa.parse<Cells>(text.replace(/^\uFEFF/, ""), { header: true, skipEmptyLines: "greedy", transformHeader: (name) => name.trim().toLowerCase() });
  const fields = meta.fields ?? [];
  const without = (["time", "event"] as const).filter((column) => !COLUMNS[column].some((name) => fields.includes(name)));
  if (without.length > 0) throw new Error(`The first line names no column "${without.join('" and no column "')}"; it names ${fields.slice(0, 8).join(", ")}.`);
  return data;
}

function json(text: string): Cells[] {
  const lower = (cells: unknown): Cells => (typeof cells === "object" && cells !== null ? Object.fromEntries(Object.entries(cells).map(([name, value]) => [name.toLowerCase(), value])) : {});
  try {
    const whole: unknown = JSON.parse(text);
    if (Array.isArray(whole)) return whole.map(lower);
    return [lower(whole)];
  } catch {
    // One value a line, or no JSON at all.
    return text
      .split("\n")
      .map((line, index) => ({ line, index }))
      .filter(({ line }) => line.trim() !== "")
      .map(({ line, index }) => {
        try {
          return lower(JSON.parse(line));
        } catch {
          throw new Error(`Line ${index + 1} is no JSON.`);
        }
      });
  }
}

function entry(cells: Cells, row: number, digits: number): Entry | string {
  const cell = (names: readonly string[]): string => {
    for (const name of names) {
      const value = cells[name];
      if (value !== undefined && value !== null && String(value).trim() !== "") return String(value).trim();
    }
    return "";
  };
  const time = cell(COLUMNS.time);
  const at = instant(time);
  if (at === null) return time === "" ? "it has no time" : `its time "${time.slice(0, 40)}" cannot be read: write 2026-03-01T12:00:00Z`;
  const name = cell(COLUMNS.event);
  if (name === "") return "it names no event";
  const amount = cell(COLUMNS.value);
  const cents = amount === "" ? null : minor(amount, digits);
  if (Number.isNaN(cents)) return `its value "${amount.slice(0, 40)}" is no amount that can be read: write 49.90`;
  const identifiers = (Object.keys(IDENTIFIERS) as IdentifierType[]).flatMap((type) => {
    const value = cell(IDENTIFIERS[type]);
    return value === "" ? [] : [{ type, value }];
  });
  if (identifiers.length === 0) return "it names nobody";
  const channel = cell(COLUMNS.channel);
  return {
    id: cell(COLUMNS.id) || `row ${row}`,
    at,
    name,
    channel: channel === "" ? null : channel.toLowerCase(),
    kind: /^(view|impression)/i.test(cell(COLUMNS.kind)) ? "VIEW" : "CLICK",
    cents,
    identifiers,
  };
}

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/** ISO 8601, without a zone in UTC, or seconds or milliseconds since 1970. */
function instant(text: string): number | null {
  if (/^\d{10}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (/^\d{13}$/.test(text)) return Number(text);
  const [, day, clock = "00:00", zone = "Z"] = ISO.exec(text) ?? [];
  if (day === undefined) return null;
  const at = Date.parse(`${day}T${clock}${zone}`);
  return Number.isNaN(at) ? null : at;
}

/** `49.9` as 4990, by its digits: no cent is lost on the way. NaN where it is none. */
export function minor(text: string, digits: number): number {
  const [, sign, whole, part = ""] = /^([+-]?)(\d{1,13})(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined || part.replace(/0+$/, "").length > digits) return Number.NaN;
  const cents = Number(whole + part.slice(0, digits).padEnd(digits, "0"));
  return sign === "-" && cents !== 0 ? -cents : cents;
}
