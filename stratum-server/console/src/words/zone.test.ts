import { expect, test } from "vitest";
import { nextMidnight } from "./zone";

/** The expected instants are those of the IANA tables: `date -d 'TZ="Europe/Berlin" 2026-03-30 00:00' -u`. */
test.each([
  ["2026-01-15T22:59:59.999Z", "Europe/Berlin", "2026-01-15T23:00:00.000Z"],
  ["2026-01-15T23:00:00.000Z", "Europe/Berlin", "2026-01-16T23:00:00.000Z"],
  // A day of 23 hours, and one of 25.
  ["2026-03-28T23:00:00.000Z", "Europe/Berlin", "2026-03-29T22:00:00.000Z"],
  ["2026-10-24T22:00:00.000Z", "Europe/Berlin", "2026-10-25T23:00:00.000Z"],
  ["2026-01-15T12:00:00.000Z", "America/Los_Angeles", "2026-01-16T08:00:00.000Z"],
  ["2026-01-15T12:00:00.000Z", "Asia/Kathmandu", "2026-01-15T18:15:00.000Z"],
  ["2026-01-15T12:00:00.000Z", "UTC", "2026-01-16T00:00:00.000Z"],
])("after %s the day ends in %s at %s", (now, zone, midnight) => {
  expect(new Date(nextMidnight(Date.parse(now), zone) ?? 0).toISOString()).toBe(midnight);
});

test("a zone that the browser does not know is said to be unknown", () => {
  expect(nextMidnight(0, "Mars/Olympus")).toBeNull();
});
