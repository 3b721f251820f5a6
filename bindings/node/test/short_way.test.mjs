// The fast path is taken, and is not the long way under another name. A process of its own: the adapter is replaced.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import { Health, call, callJson, emq } from "../index.mjs";
import { cases } from "./vectors.mjs";

const require = createRequire(import.meta.url);
const METHODS = { "health.evaluate": ["Health", "evaluate"], "gate.evaluate": ["Gate", "evaluate"], "enforcement.check": ["Enforcement", "check"] };

const HEALTH = {
  tenant_id: "0198c9a0-0000-7000-8000-000000000001",
  platform: "META",
  now: "2026-03-01T12:00:00.000Z",
  components: { EMQ: 90, API_HEALTH: 95, EVENT_LOSS: 95, PLATFORM_STABILITY: 100, DATA_QUALITY: 98 },
};
const EVENT = { completeness: 100, latency_s: 10, email: true };

test("nearly all of the vectors that are answered take the short way", () => {
  const { decisions } = require("../lib/hot.cjs");
  const native = require("../lib/native.cjs");
  const { buffers, compile } = onDesk(native);
  let long = 0;
  let asked = 0;
  const classes = decisions({
    checked: (_, run) => run(),
    written: JSON.stringify,
    compile,
    buffers,
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

/** What the classes need of the compiled part, over a desk of its own. */
function onDesk(native) {
  let desk;
  return {
    buffers(asked, answer) {
      desk = native.desk(asked, answer);
      return [desk.slots.subarray(1, 1 + asked), desk.slots.subarray(1 + asked)];
    },
    compile(operation, policy) {
      const inside = new native.Compiled(operation, policy);
      return {
        inside,
        run() {
          desk.slots[0] = inside.handle();
          return desk.run();
        },
      };
    },
  };
}

test("what breaks inside or does not fit is false, never a crash", () => {
  const native = require("../lib/native.cjs");
  const gate = new native.Compiled("gate.evaluate", "null");
  const { slots, run } = native.desk(64, 64);
  for (const numbers of [[], [NaN], [1e300], [-1], new Array(64).fill(12), [0, 0, 99], [0, 0, 1, 0.5]]) {
    slots.fill(NaN);
    slots.set([gate.handle(), ...numbers]);
    assert.equal(run(), false, `${numbers}`);
    assert.throws(() => gate.full(Float64Array.from(numbers), []), /^Error: STRATUM_PROBLEMS /);
  }
  for (const [asked, answer] of [[0, 0], [0, 64], [64, 0]]) {
    const small = native.desk(asked, answer);
    small.slots[0] = gate.handle();
    assert.equal(small.run(), false, `${asked} and ${answer} slots`);
  }
  assert.throws(() => new native.Compiled("decision.evaluate", "null"), /^Error: STRATUM_PROBLEMS /);
});

test("a handle of nothing is answered with false, and one that is free again finds what has it now", () => {
  const native = require("../lib/native.cjs");
  const { slots, run } = native.desk(64, 64);
  for (const handle of [NaN, -1, 0.5, 1e6, 2 ** 32, Infinity]) {
    slots[0] = handle;
    assert.equal(run(), false, `${handle}`);
  }
  const handles = Array.from({ length: 100 }, () => new native.Compiled("emq.event", "null"));
  assert.equal(new Set(handles.map((compiled) => compiled.handle())).size, handles.length);
  assert.equal(native.desk(8, 8).slots.length, 17);
});

test("an engine that shares no memory gives the same answers", () => {
  const script = `
    const native = require("./lib/native.cjs");
    native.desk = () => { throw new Error("this engine shares no memory"); };
    native.callJson = undefined;
    const { Health, emq } = require("./index.cjs");
    console.log(JSON.stringify(new Health().evaluate(${JSON.stringify(HEALTH)})));
    console.log(JSON.stringify(emq.score(${JSON.stringify(EVENT)})));`;
  const cwd = new URL("..", import.meta.url);
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd, encoding: "utf8" });
  assert.deepEqual(stdout.split("\n"), [JSON.stringify(new Health().evaluate(HEALTH)), JSON.stringify(emq.score(EVENT)), ""], stderr);
});

test("a call that leaves the policy out takes the short way, where no text of the facts stands in the answer", () => {
  const asked = cases().filter(({ operation, request, expect }) => operation in METHODS && expect !== undefined && Object.keys(request).join() === "facts");
  const script = `
    const native = require("./lib/native.cjs");
    const answers = [];
    const { callJson } = native;
    let long = 0;
    native.callJson = (...given) => {
      long += 1;
      return callJson(...given);
    };
    const { call } = require("./index.cjs");
    for (const { operation, request } of JSON.parse(require("node:fs").readFileSync(0, "utf8"))) answers.push(call(operation, request));
    console.log(JSON.stringify({ answers, long }));`;
  const cwd = new URL("..", import.meta.url);
  const input = JSON.stringify(asked.map(({ operation, request }) => ({ operation, request })));
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd, input, encoding: "utf8", maxBuffer: 1 << 28 });
  assert.equal(stderr, "");
  const { answers, long } = JSON.parse(stdout);
  const measured = asked.filter(({ request }) => request.facts.measurements !== undefined).length;
  assert.ok(asked.length - measured > 100 && long < measured + asked.length / 10, `${long} of ${asked.length} went the long way`);
  for (const [position, { operation, request }] of asked.entries()) {
    assert.deepEqual(answers[position], JSON.parse(callJson(operation, JSON.stringify(request))), operation);
  }
});

test("workers decide at the same time, each at a desk of its own", async () => {
  const script = `
    const { parentPort, workerData } = require("node:worker_threads");
    const { Health } = require(workerData.package);
    const health = new Health();
    let sum = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const EMQ = (round + workerData.offset) % 101;
      const { score, components } = health.evaluate({ ...workerData.facts, components: { ...workerData.facts.components, EMQ } });
      if (components[0].score !== EMQ) throw new Error("another worker's request: " + components[0].score);
      sum += score;
    }
    parentPort.postMessage(sum);`;
  const at = fileURLToPath(new URL("..", import.meta.url));
  const done = [0, 50, 77].map(
    (offset) =>
      new Promise((resolve, reject) => {
        const worker = new Worker(script, { eval: true, workerData: { offset, facts: HEALTH, package: at } });
        worker.once("message", resolve).once("error", reject);
      }),
  );
  const health = new Health();
  const scores = Array.from({ length: 101 }, (_, EMQ) => health.evaluate({ ...HEALTH, components: { ...HEALTH.components, EMQ } }).score);
  const sums = await Promise.all(done);
  for (const [position, offset] of [0, 50, 77].entries()) {
    let sum = 0;
    for (let round = 0; round < 20_000; round += 1) sum += scores[(round + offset) % 101];
    assert.equal(sums[position], sum);
  }
});
