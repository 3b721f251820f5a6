// The fast path is taken, and is not the long way under another name. A process of its own: the adapter is replaced.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { call } from "../index.mjs";
import { cases } from "./vectors.mjs";

const require = createRequire(import.meta.url);
const METHODS = { "health.evaluate": ["Health", "evaluate"], "gate.evaluate": ["Gate", "evaluate"], "enforcement.check": ["Enforcement", "check"] };

test("nearly all of the vectors that are answered take the short way", () => {
  const { decisions } = require("../lib/hot.cjs");
  const native = require("../lib/native.cjs");
  let long = 0;
  let asked = 0;
  const classes = decisions({
    checked: (_, run) => run(),
    written: JSON.stringify,
    compile: (operation, policy) => new native.Compiled(operation, policy),
    buffers: (one, other) => [new Float64Array(one), new Float64Array(other)],
    call: (operation, request) => {
      long += 1;
      return call(operation, request);
    },
  });
  for (const { operation, request, expect } of cases()) {
    // What was measured and not scored goes the long way by design.
    if (!(operation in METHODS) || expect === undefined || request.facts.measurements !== undefined) continue;
    const [name, method] = METHODS[operation];
    asked += 1;
    new classes[name](request.policy)[method](request.facts);
  }
  assert.ok(asked > 300, `${asked} cases`);
  assert.ok(long < asked / 20, `${long} of ${asked} went the long way`);
});

test("what breaks inside or does not fit is false, never a crash", () => {
  const native = require("../lib/native.cjs");
  const gate = new native.Compiled("gate.evaluate", "null");
  const answer = new Float64Array(64);
  for (const numbers of [[], [NaN], [1e300], [-1], new Array(3000).fill(12), [0, 0, 99], [0, 0, 1, 0.5]]) {
    assert.equal(gate.run(Float64Array.from(numbers), answer), false);
    assert.throws(() => gate.full(Float64Array.from(numbers), []), /^Error: STRATUM_PROBLEMS /);
  }
  assert.equal(gate.run(answer, answer), false, "one array for both");
  assert.throws(() => gate.run([1, 2], answer));
  assert.throws(() => new native.Compiled("decision.evaluate", "null"), /^Error: STRATUM_PROBLEMS /);
});
