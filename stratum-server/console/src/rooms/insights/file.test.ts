import { describe, expect, it } from "vitest";
import { example } from "./example";
import { minor, read } from "./file";

describe("a file of events", () => {
  it("is read as CSV, as a list in JSON and as JSON by lines, all alike", () => {
    const rows = [
      { time: "2026-03-01T10:00:00Z", event: "PageView", channel: "Meta", visitor_id: "v1" },
      { time: "2026-03-01T11:00:00+01:00", event: "Purchase", value: "49.90", email: "ann@shop.example" },
    ];
    const csv = "\uFEFFTime,Event,Channel,Value,Email,Visitor_ID\n2026-03-01T10:00:00Z,PageView,Meta,,,v1\n2026-03-01T11:00:00+01:00,Purchase,,49.90,ann@shop.example,\n";
    const found = read(csv, 2);
    expect(found.setAside).toEqual([]);
    expect(found.entries).toMatchObject([
      { at: Date.UTC(2026, 2, 1, 10), name: "PageView", channel: "meta", kind: "CLICK", cents: null, identifiers: [{ type: "anonymous_id", value: "v1" }] },
      { at: Date.UTC(2026, 2, 1, 10), name: "Purchase", channel: null, cents: 4990, identifiers: [{ type: "email", value: "ann@shop.example" }] },
    ]);
    expect(read(JSON.stringify(rows), 2)).toEqual(found);
    expect(read(rows.map((row) => JSON.stringify(row)).join("\n"), 2)).toEqual(found);
  });

  it("sets aside what cannot be read, each row with its reason", () => {
    const { entries, setAside } = read("id,time,event,email\n1,2026-03-01,View,a@shop.example\n2,soon,View,a@shop.example\n1,2026-03-02,View,a@shop.example\n3,2026-03-02,View,\n4,2026-03-02,,a@shop.example\n", 2);
    expect(entries.map(({ id }) => id)).toEqual(["1"]);
    expect(setAside.map(({ row }) => row)).toEqual([2, 3, 4, 5]);
    expect(setAside.map(({ why }) => why).join("; ")).toContain("a row before it has the same id");
  });

  it("refuses a file of which nothing can be read", () => {
    expect(() => read("day,what\n1,2\n", 2)).toThrow('names no column "time" and no column "event"');
    expect(() => read("time,event\nnow,View\n", 2)).toThrow("No row could be read. Row 1: its time");
    expect(() => read('{"time": 1}\nnothing\n', 2)).toThrow("Line 2 is no JSON.");
  });
});

it("amounts are read by their digits", () => {
  expect([minor("49.90", 2), minor("0.07", 2), minor("1.1", 2), minor("-3.5", 2), minor("120", 0), minor("1.250", 3), minor("1.10", 1)]).toEqual([4990, 7, 110, -350, 120, 1250, 11]);
  expect([minor("1.234", 2), minor("1,5", 2), minor("ten", 2), minor("1e3", 2)].every(Number.isNaN)).toBe(true);
});

it("the example is a file like any other, and the same each time", () => {
  const { entries, setAside } = read(example(), 2);
  expect(setAside).toEqual([]);
  expect(entries.length).toBeGreaterThan(3000);
  expect(example()).toBe(example());
});
