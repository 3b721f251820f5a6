// What crosses the border between JavaScript and Rust, and what does not.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";

import * as stratum from "../index.mjs";

const require = createRequire(import.meta.url);
const { StratumError, call, callJson } = stratum;

const HEALTH = {
  facts: {
    tenant_id: "0198c9a0-0000-7000-8000-000000000001",
    platform: "META",
    now: new Date("2026-03-01T12:00:00Z"),
    components: { EMQ: 90, API_HEALTH: 95, EVENT_LOSS: 95, PLATFORM_STABILITY: 100, DATA_QUALITY: 98 },
  },
};

/** The problems with which something is refused. */
function problemsOf(run) {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof StratumError, `${error}`);
    return error.problems;
  }
  assert.fail("it was not refused");
}

test("no panic crosses the border and the next call works", () => {
  const native = require("../lib/native.cjs");
  const { checked } = require("../lib/errors.cjs");
  for (let round = 0; round < 3; round += 1) {
    const [problem] = problemsOf(() => checked("test.panic", () => native._panicForTests()));
    assert.equal(problem.code, "internal");
    assert.match(problem.message, /asked for by a test/);
    assert.equal(call("health.evaluate", HEALTH).score, 94.05);
  }
});

test("a caught panic prints nothing", () => {
  const script = `
    const native = require("./lib/native.cjs");
    try { native._panicForTests(); } catch (error) { console.log(error.message.split(" ")[0]); }`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
    cwd: new URL("..", import.meta.url),
    encoding: "utf8",
  });
  assert.deepEqual([stdout, stderr], ["STRATUM_PROBLEMS\n", ""]);
});

test("import and require give the same functions", () => {
  const required = require("../index.cjs");
  assert.equal(stratum.default, required);
  assert.deepEqual(
    Object.keys(stratum).filter((name) => name !== "default").sort(),
    Object.keys(required).sort(),
  );
  for (const name of Object.keys(required)) assert.equal(stratum[name], required[name], name);
});

test("every operation is listed with schemas that stand by themselves", () => {
  const listed = stratum.operations();
  assert.deepEqual(
    listed.map(({ name }) => name),
    JSON.parse(stratum.schemaJson()).operations.map(({ name }) => name),
  );
  assert.ok(listed.some(({ name }) => name === "gate.evaluate"));
  for (const operation of listed) {
    assert.ok(operation.doc);
    for (const schema of [operation.request, operation.response]) {
      assert.ok(schema.$defs[schema.$ref.replace("#/$defs/", "")]);
    }
  }
});

test("text and objects give the same", () => {
  assert.deepEqual(JSON.parse(callJson("health.evaluate", JSON.stringify(HEALTH))), call("health.evaluate", HEALTH));
});

test("every problem comes at once with its place", () => {
  const wrong = () => call("health.evaluate", { facts: { platform: "LINKEDIN", colour: "red" } });
  const problems = new Map(problemsOf(wrong).map((problem) => [problem.path, problem]));
  assert.deepEqual(Object.fromEntries([...problems].map(([path, { code }]) => [path, code])), {
    "/facts/tenant_id": "missing_field",
    "/facts/now": "missing_field",
    "/facts/platform": "unknown_value",
    "/facts/colour": "unknown_field",
  });
  assert.equal(problems.get("/facts/platform").help, "write one of: META, GOOGLE, TIKTOK, SNAPCHAT");
  assert.throws(wrong, { name: "StratumError", message: /^\/facts\/colour: there is no field/m });
});

test("an unknown operation is answered with those that exist", () => {
  assert.throws(() => call("gate.guess", {}), /unknown_operation.*gate\.evaluate/);
});

for (const number of [NaN, Infinity, -Infinity]) {
  test(`${number} is refused with its place`, () => {
    const [problem] = problemsOf(() => call("health.evaluate", { facts: { components: { EMQ: number } } }));
    assert.deepEqual([problem.path, problem.code], ["/facts/components/EMQ", "not_a_number"]);
  });
}

test("what has no form in JSON is refused", () => {
  const itself = {};
  itself.facts = itself;
  for (const request of [itself, { facts: 1n }, undefined, () => 1, Symbol("s")]) {
    assert.equal(problemsOf(() => call("health.evaluate", request))[0].code, "wrong_type");
  }
});

test("arguments of the wrong kind are an exception and no crash", () => {
  for (const broken of [() => callJson(), () => callJson(1, 2), () => callJson("health.evaluate", null)]) {
    assert.throws(broken);
  }
  assert.throws(() => callJson("health.evaluate", "{"), /invalid_json/);
});
