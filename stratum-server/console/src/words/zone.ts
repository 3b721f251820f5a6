/** When the next calendar day begins in an IANA time zone; null where this browser does not know the zone. */
export function nextMidnight(now: number, zone: string): number | null {
  let day: Intl.DateTimeFormat;
  try {
    day = new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric", month: "numeric", day: "numeric" });
  } catch {
    return null;
  }
  const today = day.format(now);
  // Halved until it is found: no offset has to be known, and a day may have 23 or 25 hours.
  let before = now;
  let after = now + 26 * 3_600_000;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (day.format(middle) === today) before = middle;
    else after = middle;
  }
  return after;
}
