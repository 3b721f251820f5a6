import { expect, test } from "vitest";
import { flows, FURTHER } from "./flows";

test("who went the same way flows together, and the end stands once", () => {
  const { stops, flows: found } = flows(
    [
      { stops: ["meta", "google"], end: "bought", count: 3 },
      { stops: ["meta"], end: "bought", count: 2 },
      { stops: ["meta", "google"], end: "left", count: 5 },
    ],
    3,
  );
  expect(stops.map(({ name, column }) => [name, column])).toEqual([
    ["meta", 0],
    ["google", 1],
    ["bought", 3],
    ["left", 3],
  ]);
  expect(found).toContainEqual({ source: "0 meta", target: "1 google", value: 8 });
  expect(found).toContainEqual({ source: "0 meta", target: "end bought", value: 2 });
});

test("a channel that comes twice is two stops, and a long path ends in one for all that follow", () => {
  const { stops } = flows([{ stops: ["meta", "meta", "google", "direct"], end: "bought", count: 1 }], 3);
  expect(stops.map(({ name }) => name)).toEqual(["meta", "meta", FURTHER, "bought"]);
});

test("what flows into a stop flows out of it", () => {
  const { stops, flows: found } = flows(
    [
      { stops: ["a", "b", "c"], end: "x", count: 4 },
      { stops: ["b", "b"], end: "y", count: 6 },
      { stops: ["a", "c", "a", "b"], end: "x", count: 1 },
    ],
    3,
  );
  for (const { id, column, isEnd } of stops) {
    const sum = (side: "source" | "target") => found.filter((flow) => flow[side] === id).reduce((all, { value }) => all + value, 0);
    if (column > 0 && !isEnd) expect(sum("target")).toBe(sum("source"));
  }
});
