// Operations over columns, at once and beside the main thread.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

import { Gate, StratumError, batch, batchAsync, call, emq } from "../index.mjs";

const COMPONENTS = ["EMQ", "API_HEALTH", "EVENT_LOSS", "PLATFORM_STABILITY", "DATA_QUALITY"];
const TENANT = "0198c9a0-0000-7000-8000-000000000001";

/** Columns of health in which every score comes up, and every seventh is missing. */
const health = (rows) =>
  Object.fromEntries(
    COMPONENTS.map((name, place) => [
      name,
      Float64Array.from({ length: rows }, (_, row) => ((row + place) % 7 === 0 ? NaN : (row * 7 + place * 13) % 101)),
    ]),
  );

const ONE = { EMQ: [80, 35], API_HEALTH: [90, null], EVENT_LOSS: [90, 90], PLATFORM_STABILITY: [100, 100], DATA_QUALITY: [100, 100] };

test("a row of columns is what a single call says", () => {
  const rows = 500;
  const columns = health(rows);
  const { score, status, coverage_pct } = batch("health.evaluate", columns);
  for (let row = 0; row < rows; row += 1) {
    const components = Object.fromEntries(COMPONENTS.map((name) => [name, Number.isNaN(columns[name][row]) ? null : columns[name][row]]));
    const one = call("health.evaluate", { facts: { tenant_id: TENANT, platform: "META", now: "2026-03-01T12:00:00Z", components } });
    assert.deepEqual([score[row], status.values[status.codes[row]], coverage_pct[row]], [one.score, one.status, one.coverage_pct]);
  }
});

test("names in any case, plain lists, null for missing", () => {
  const columns = Object.fromEntries(Object.entries(ONE).map(([name, values]) => [name.toLowerCase(), values]));
  const { score, status } = batch("health.evaluate", { ...columns, campaign: ["a", "b"] });
  assert.deepEqual([...score], [88.5, 50.25]);
  assert.deepEqual([...status.codes].map((code) => status.values[code]), ["HEALTHY", "DEGRADED"]);
});

test("texts of a vocabulary, their positions and flags", () => {
  const columns = {
    action_type: ["BUDGET_INCREASE", "pause_campaign", "NONSENSE"],
    score: [90, 60, 90],
    coverage_pct: [100, 100, 100],
    snapshot_age_minutes: [1, 1, 1],
    data_age_hours: Float32Array.of(1, 50, 1),
    frozen: [false, true, false],
  };
  const { decision, reason, reasons } = batch("gate.evaluate", columns);
  assert.deepEqual([...decision.codes].map((code) => decision.values[code]).slice(0, 2), ["PASS", "BLOCK"]);
  assert.equal(reason.values[reason.codes[1]], "FROZEN");
  const named = reasons.values.filter((_, bit) => reasons.sets[1] & (1 << bit));
  assert.deepEqual(named, ["FROZEN", "DATA_STALE", "HEALTH_BELOW_THRESHOLD"]);
  assert.notEqual(decision.values[decision.codes[2]], "PASS");
  const positions = Uint8Array.of(0, 2, 255);
  assert.deepEqual(batch("gate.evaluate", { ...columns, action_type: positions }).decision.codes, decision.codes);
  // What is no position is unknown, and never the first; what is not nothing is a flag that is set.
  for (const odd of [Float64Array.of(0, 2, NaN), [0, 2, 256], [0, 2, -1], [0, 2, 0.5]]) {
    const told = batch("gate.evaluate", { ...columns, action_type: odd, frozen: Uint16Array.of(0, 256, 0) });
    assert.deepEqual(told.decision.codes, decision.codes);
  }
});

const told = (run) => {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof StratumError, `${error}`);
    return error.problems.map(({ path, code }) => `${path} ${code}`);
  }
  return "it was not refused";
};

test("a value of another type is refused with its row, and never read as a number, a flag or nothing", () => {
  const numbers = { EMQ: ["", 90, "n/a", true, {}, new Date(0), null, undefined, 4n], api_health: [1, 1, 1, "2", 1, 1, 1, 1, 1] };
  const rows = [0, 2, 3, 4, 5].map((row) => `/EMQ/${row} wrong_type`);
  assert.deepEqual(told(() => batch("health.evaluate", numbers)), [...rows, "/API_HEALTH/3 wrong_type"]);
  assert.equal(told(() => batch("health.evaluate", { EMQ: Array(100).fill("7") })).length, 10);
  assert.deepEqual(told(() => batch("health.evaluate", { EMQ: { offsets: Int32Array.of(0), bytes: new Uint8Array(0) } })), ["/EMQ wrong_type"]);
  const gate = { score: [90, 90, 90], coverage_pct: [100, 100, 100], snapshot_age_minutes: [1, 1, 1], data_age_hours: [1, 1, 1] };
  const action_type = ["BUDGET_INCREASE", "BUDGET_INCREASE", "BUDGET_INCREASE"];
  const flags = (frozen) => told(() => batch("gate.evaluate", { ...gate, action_type, frozen }));
  assert.deepEqual(flags([false, null, "false"]), ["/frozen/1 missing_value", "/frozen/2 wrong_type"]);
  assert.deepEqual(flags(Uint8Array.of(0, 255, 1)), ["/frozen/1 missing_value"]);
  assert.deepEqual(flags(Float64Array.of(0, NaN, 1)), ["/frozen/1 missing_value"]);
  assert.deepEqual(told(() => batch("gate.evaluate", { ...gate, action_type: ["PAUSE_ADSET", true, null] })), ["/action_type/1 wrong_type"]);
  const events = { profile_id: ["a", true], event_name: ["View", new Date(0)], event_time: [new Date(NaN), "2026-01-10T00:00:00Z"] };
  const funnel = () => batch("funnel.evaluate", events, { policy: { steps: [{ event_name: "View" }, { event_name: "Purchase" }] } });
  assert.deepEqual(told(funnel).sort(), ["/event_name/1 wrong_type", "/event_time/0 wrong_type", "/profile_id/1 wrong_type"]);
});

test("a list of a property is of one type, and what is missing in it is missing", () => {
  const policy = (value) => ({ policy: { rules: { logic: "and", conditions: [{ field: "data.vip", operator: "equals", value }] }, now: "2026-03-01T00:00:00Z" } });
  assert.deepEqual([...batch("segment.evaluate", { "data.vip": [true, null, false] }, policy(false)).member], [0, 0, 1]);
  const wrong = (values) => told(() => batch("segment.evaluate", { "data.vip": values }, policy(true)));
  assert.deepEqual(wrong([null, true, "true", 1]), ["/data.vip/2 wrong_type", "/data.vip/3 wrong_type"]);
  assert.deepEqual(wrong(["true", true]), ["/data.vip/1 wrong_type"]);
  assert.deepEqual(wrong([new Date(0), false, new Date(NaN)]), ["/data.vip/1 wrong_type", "/data.vip/2 wrong_type"]);
});

test("the EMQ of many events is that of each", () => {
  const latency_s = Float64Array.from({ length: 300 }, (_, row) => row * 300 - 600);
  const email = Uint8Array.from(latency_s, (_, row) => row % 3);
  const completeness = Float64Array.from(latency_s, (_, row) => row % 101);
  const { score, band, refusal } = batch("emq.event", { latency_s, completeness, email });
  for (let row = 0; row < 300; row += 1) {
    const one = emq.score({ latency_s: latency_s[row], completeness: completeness[row], email: email[row] !== 0 });
    assert.deepEqual(one.score ?? NaN, score[row]);
    assert.equal(one.band, band.values[band.codes[row]] ?? null);
    assert.equal(one.refusal, refusal.values[refusal.codes[row]] ?? null);
  }
});

test("a policy is obeyed, and everything wrong is named", async () => {
  const policy = { healthy_threshold: 95 };
  assert.equal(batch("health.evaluate", ONE, { policy }).status.codes[0], 1);
  const wrong = [
    [() => batch("health.evaluate", ONE, { policy: { healthy_threshold: 170 } }), "/policy/healthy_threshold"],
    [() => batch("health.evaluate", { EMQ: [1, 2], API_HEALTH: [1] }), "/EMQ"],
    [() => batch("health.evaluate", { EMQ: 7 }), "/EMQ"],
    [() => batch("gate.evaluate", { score: [1] }), "/action_type"],
    [() => batch("health.evaluate", {}), ""],
    [() => batch("health.evaluate", null), ""],
    [() => batch("decision.evaluate", {}), ""],
    [() => batch("gate.guess", {}), ""],
    [() => batchAsync("health.evaluate", { EMQ: [1, 2], API_HEALTH: [1] }), "/EMQ"],
    [() => batchAsync("health.evaluate", ONE, { policy: { healthy_threshold: 170 } }), "/policy/healthy_threshold"],
    [() => batchAsync("decision.evaluate", {}), ""],
  ];
  for (const [run, path] of wrong) {
    await assert.rejects(
      async () => run(),
      (error) => error instanceof StratumError && error.problems[0].path === path,
      `${run}`,
    );
  }
});

test("without rows there is an empty answer", async () => {
  assert.equal(batch("health.evaluate", { EMQ: new Float64Array(0) }).score.length, 0);
  assert.equal((await batchAsync("health.evaluate", { EMQ: [] })).score.length, 0);
});

test("beside the main thread the answer is the same, and parts of it are told", async () => {
  const columns = health(300_000);
  const shares = [];
  const answer = await batchAsync("health.evaluate", columns, { onProgress: (share) => shares.push(share) });
  assert.deepStrictEqual(answer, batch("health.evaluate", columns));
  assert.equal(shares.at(-1), 1);
  assert.ok(shares.every((share, place) => share > 0 && (place === 0 || share > shares[place - 1])), `${shares}`);
  await new Promise(setImmediate);
  assert.equal(shares.filter((share) => share === 1).length, 1, "nothing is told after the end");
});

test("the work has columns of its own: changing an array meanwhile changes nothing", async () => {
  const columns = health(200_000);
  const expected = batch("health.evaluate", columns);
  const work = batchAsync("health.evaluate", columns);
  for (const name of COMPONENTS) columns[name].fill(0);
  assert.deepStrictEqual(await work, expected);
});

test("a signal that was aborted before is noticed at once", async () => {
  const reason = new Error("not any more");
  await assert.rejects(batchAsync("health.evaluate", ONE, { signal: AbortSignal.abort(reason) }), reason);
});

test("work ends when its signal is aborted, with the signal's reason, and the owner's onabort is called", async () => {
  const controller = new AbortController();
  let called = 0;
  controller.signal.onabort = () => (called += 1);
  const reason = new Error("the user left");
  let told = 0;
  const onProgress = () => {
    told += 1;
    controller.abort(reason);
  };
  await assert.rejects(batchAsync("health.evaluate", health(4_000_000), { signal: controller.signal, onProgress }), reason);
  assert.equal(called, 1);
  assert.equal(told, 1, "nothing is told after the abort");
});

test("an exception of the progress function rejects and does not end the process", async () => {
  const broken = new Error("no such bar");
  const onProgress = () => {
    throw broken;
  };
  await assert.rejects(batchAsync("health.evaluate", health(200_000), { onProgress }), broken);
  await assert.rejects(batchAsync("health.evaluate", ONE, { onProgress }), broken);
});

test("worker threads decide at the same time, and can be ended while they work", async () => {
  const script = `
    const { parentPort, workerData } = require("node:worker_threads");
    const stratum = require(workerData.package);
    const gate = new stratum.Gate();
    let passed = 0;
    for (let round = 0; round < 20_000; round += 1) passed += gate.evaluate(workerData.facts).passed ? 1 : 0;
    stratum.batchAsync("health.evaluate", { EMQ: new Float64Array(100_000).fill(90) }).then(({ score }) => {
      parentPort.postMessage([passed, score.length, score[0]]);
      stratum.batchAsync("health.evaluate", { EMQ: new Float64Array(3_000_000) });
    });`;
  const snapshot = call("health.evaluate", {
    facts: { tenant_id: TENANT, platform: "META", now: "2026-03-01T12:00:00Z", data_as_of: "2026-03-01T11:00:00Z",
      components: Object.fromEntries(COMPONENTS.map((name) => [name, 90])) },
  });
  const facts = { tenant_id: TENANT, action_type: "BUDGET_INCREASE", platforms: ["META"], snapshots: [snapshot], now: "2026-03-01T12:01:00Z" };
  const workerData = { package: new URL("../index.cjs", import.meta.url).pathname, facts };
  const answers = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const worker = new Worker(script, { eval: true, workerData });
      const answer = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
      await worker.terminate();
      return answer;
    }),
  );
  assert.deepEqual(answers, Array(4).fill([20_000, 100_000, 31.5]));
  assert.equal(new Gate().evaluate(facts).passed, true);
});
