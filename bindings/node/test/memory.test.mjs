// A million calls leave nothing behind.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const SCRIPT = `
const stratum = require("./index.cjs");
const gate = new stratum.Gate();
const tenant_id = "0198c9a0-0000-7000-8000-000000000001";
const components = { EMQ: 35, API_HEALTH: 95, EVENT_LOSS: 95, PLATFORM_STABILITY: 100, DATA_QUALITY: 98 };
const now = "2026-03-01T12:00:00.000Z";
const snapshot = stratum.call("health.evaluate", { facts: { tenant_id, platform: "META", now, components } });
const facts = { tenant_id, action_type: "BUDGET_INCREASE", platforms: ["META"], snapshots: [snapshot], now };
const event = { completeness: 100, latency_s: 10, email: true };
const text = JSON.stringify({ measurements: { events_browser: 900, events_server: 1000, events_matched: 800, data_age_hours: 1 } });
const columns = { EMQ: new Float64Array(10_000).fill(80) };

async function work(rounds) {
  for (let round = 0; round < rounds; round += 1) {
    for (let call = 0; call < 900; call += 1) stratum.emq.score(event);
    for (let call = 0; call < 100; call += 1) gate.evaluate(facts);
    for (let call = 0; call < 5; call += 1) {
      stratum.callJson("emq.platform", text);
      new stratum.Gate({ healthy_threshold: 80 }).evaluate(facts).reasons.length;
      try { stratum.call("gate.guess", {}); } catch {}
    }
    stratum.batch("health.evaluate", columns);
    if (round % 10 === 0) await stratum.batchAsync("health.evaluate", columns);
    await new Promise(setImmediate);
  }
  gc();
  await new Promise(setImmediate);
  gc();
  return process.memoryUsage().rss / 2 ** 20;
}

work(100).then(async (before) => console.log(before, await work(1_000)));
`;

test("a million decisions, and thousands of texts, policies, refusals and columns, leave memory flat", () => {
  const cwd = new URL("..", import.meta.url);
  const { stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", "-e", SCRIPT], { cwd, encoding: "utf8" });
  const [before, after] = stdout.split(" ").map(Number);
  assert.ok(after > 0, stderr);
  // A leak of 40 bytes for each decision would show.
  assert.ok(after - before < 40, `${before} MiB before, ${after} MiB after`);
});

test("columns of many calls in one tick are freed like any other array", () => {
  const script = `
    const stratum = require("./index.cjs");
    const columns = { EMQ: new Float64Array(100_000).fill(80) };
    for (let round = 0; round < 300; round += 1) stratum.batch("health.evaluate", columns);
    console.log(process.memoryUsage().rss / 2 ** 20);`;
  const cwd = new URL("..", import.meta.url);
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd, encoding: "utf8" });
  // Kept until the next tick, these would be 500 MiB.
  assert.ok(Number(stdout) > 0 && Number(stdout) < 300, `${stdout}${stderr}`);
});

test("workers that come and go end well", async () => {
  const script = `
    const { Worker } = require("node:worker_threads");
    const work = \`const { emq } = require("./index.cjs"); emq.score({ completeness: 100, latency_s: 10, email: true });\`;
    const one = () => new Promise((done) => new Worker(work, { eval: true }).once("exit", done));
    (async () => {
      for (let worker = 0; worker < 30; worker += 1) if ((await one()) !== 0) throw new Error("a worker broke");
      console.log("done");
    })();`;
  const cwd = new URL("..", import.meta.url);
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd, encoding: "utf8" });
  assert.equal(stdout, "done\n", stderr);
});
