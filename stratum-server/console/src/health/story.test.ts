import { expect, test } from "vitest";
import { type Day, tell } from "./story";

const WELL = { EMQ: 90, EVENT_LOSS: 95, VARIANCE: 100, ANOMALY: 100 };

/** Days of March, the last one is the newest. */
function days(...components: Record<string, number | null>[]): Day[] {
  return components.map((changed, index) => ({
    timestamp: new Date(2026, 2, index + 1, 12).toISOString(),
    score: "EVENT_LOSS" in changed ? 55 : 95,
    components: { ...WELL, ...changed },
  }));
}

test("an outage is told with its beginning, and without the unusual figures that follow from it", () => {
  const story = tell(days({}, {}, { EVENT_LOSS: 6.68, EMQ: 54 }, { EVENT_LOSS: 6.68, EMQ: 54, ANOMALY: 0 }), null);
  expect(story.headline).toBe("Events are not arriving");
  expect(story.text).toBe("Event delivery fell to 6.6 and match quality fell to 54.0 on Mar 3. Changes wait until it recovers.");
  expect(story.component).toBe("EVENT_LOSS");
});

test("a drift is told by its size and by the day on which the two still agreed", () => {
  const story = tell(days({}, {}, { VARIANCE: 90 }, { VARIANCE: 55 }), 17.5059);
  expect(story.text).toBe("It claims 17.5 % more revenue than GA4 counts, and the gap grows since Mar 2.");
});

test("odd days of the past are marked where the platform is healthy now", () => {
  const story = tell(days({}, { ANOMALY: 0 }, {}), null);
  expect(story.marks).toEqual([1]);
  expect(story.text).toContain("Mar 2");
});

test("a component that is missing counts as low, not as fine", () => {
  expect(tell(days({}, { EMQ: null }), null).component).toBe("EMQ");
});

test("where nothing was measured nothing is called healthy", () => {
  expect(tell([], null).headline).toBe("No data");
});

test("quiet is claimed for no more days than are known", () => {
  expect(tell(days({}, {}), null).text).toBe("No signal has given cause for doubt for the 2 days that are known.");
  expect(tell(days(...Array.from({ length: 40 }, () => ({}))), null).text).toContain("for 30 days");
});
