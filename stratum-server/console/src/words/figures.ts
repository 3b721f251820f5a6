/** Minor units with their currency: `66000, "USD"` becomes `$660`. Cents are shown where there are any. */
export function money(minor: number, currency: string): string {
  const { digits, exact, whole } = written(currency);
  return (minor % 10 ** digits === 0 ? whole : exact).format(minor / 10 ** digits);
}

interface Written {
  digits: number;
  exact: Intl.NumberFormat;
  whole: Intl.NumberFormat;
}

const currencies = new Map<string, Written>();

/** How a currency is written; made once, since making it takes longer than writing a hundred amounts. */
function written(currency: string): Written {
  let found = currencies.get(currency);
  if (found === undefined) {
    const exact = new Intl.NumberFormat("en", { style: "currency", currency });
    found = { digits: exact.resolvedOptions().maximumFractionDigits ?? 2, exact, whole: new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: 0 }) };
    currencies.set(currency, found);
  }
  return found;
}

/** How many digits the minor unit of a currency takes. */
export function digitsOf(currency: string): number {
  return written(currency).digits;
}

/** The change in per cent, with its sign. */
export function change(before: number, after: number): string {
  const pct = ((after - before) / before) * 100;
  return `${pct > 0 ? "+" : "−"}${Math.abs(pct).toLocaleString("en", { maximumFractionDigits: 1 })} %`;
}

/** A score as the API shows them: floored to one decimal. */
export function score(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : (Math.floor(value * 10) / 10).toFixed(1);
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `3 hours ago`, `in 20 minutes`. */
export function ago(at: string, now: number = Date.now()): string {
  const away = Date.parse(at) - now;
  const [unit, ms] = STEPS.find(([, ms]) => Math.abs(away) >= ms) ?? ["second", 1000];
  if (unit === "second") return Math.abs(away) < 10_000 ? "just now" : away < 0 ? "less than a minute ago" : "in less than a minute";
  return relative.format(Math.trunc(away / ms), unit);
}

const instant = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });

/** The instant in the reader's zone. */
export function when(at: string): string {
  return instant.format(new Date(at));
}

/** The day alone. */
export function onDay(at: string | number): string {
  return day.format(new Date(at));
}

const SPANS: readonly (readonly [string, number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** How long: `3 days`, `1.5 hours`; one digit below ten. */
export function span(ms: number): string {
  const [unit, size] = SPANS.find(([, size]) => ms >= size) ?? ["second", 1000];
  const amount = Number((ms / size).toFixed(ms / size < 10 ? 1 : 0));
  return `${amount} ${unit}${amount === 1 ? "" : "s"}`;
}
