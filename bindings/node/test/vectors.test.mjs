// The conformance vectors of the operations, through the door that JavaScript uses: the comparison is exact.

import assert from "node:assert/strict";
import { test } from "node:test";

import { StratumError, call } from "../index.mjs";
import { cases, difference, outcome } from "./vectors.mjs";

test("there are enough cases", () => {
  assert.ok(cases().length >= 300);
});

test("the comparison can fail", () => {
  assert.equal(difference({ a: [1] }, { a: [1.0000000000000002] }), "/a/0 is 1, expected 1.0000000000000002");
  assert.equal(difference({ a: true }, { a: 1 }), "/a is true, expected 1");
  assert.equal(difference({}, { a: null }), "/a is missing");
  assert.equal(difference({ a: [] }, { a: [1] }), "/a has 0 items, expected 1");
});

for (const { operation, name, request, ...expectation } of cases()) {
  test(`${operation}: ${name}`, () => {
    assert.equal(outcome(() => call(operation, request), expectation, StratumError), null);
  });
}
