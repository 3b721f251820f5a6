import { expect, test } from "vitest";
import { columns } from "./neighbourhood";

const edge = (from: string, to: string) => ({ from, to, evidence: "login" as const, confidence: 1, first_at: "", last_at: "", times: 1, events: [] });

test("each identifier stands in the column of its distance, beside those that it hangs on", () => {
  const graph = {
    nodes: [
      { identifier: "external_id:C1", depth: 0 },
      { identifier: "email:b", depth: 1 },
      { identifier: "email:a", depth: 1 },
      { identifier: "anonymous_id:1", depth: 2 },
      { identifier: "anonymous_id:2", depth: 2 },
    ],
    edges: [edge("external_id:C1", "email:a"), edge("external_id:C1", "email:b"), edge("email:b", "anonymous_id:1"), edge("email:a", "anonymous_id:2")],
  };
  expect(columns(graph).map((column) => column.map(({ identifier }) => identifier))).toEqual([["external_id:C1"], ["email:a", "email:b"], ["anonymous_id:2", "anonymous_id:1"]]);
});
