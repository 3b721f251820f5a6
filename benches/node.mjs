// What the Node package does per second on one core, beside doing nothing.
//
//     make bench              builds the release package first
//     node benches/node.mjs [--rows 1000000] [--calls 200000]
//
// The best of some runs of each, in processor time of the process: on an idle machine that is the time on the clock, on a
// busy one what else runs does not count.

import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

const require = createRequire(import.meta.url);
const PACKAGE = fileURLToPath(new URL("../bindings/node", import.meta.url));
const stratum = require(`${PACKAGE}/index.cjs`);
const native = require(`${PACKAGE}/lib/native.cjs`);

const { values: options } = parseArgs({ options: { rows: { type: "string", default: "1000000" }, calls: { type: "string", default: "200000" } } });
const CALLS = Number(options.calls);
const RUNS = 15;

const TENANT = "0198c9a0-0000-7000-8000-000000000001";
const NOW = "2026-03-01T12:00:00.000Z";
const COMPONENTS = ["EMQ", "API_HEALTH", "EVENT_LOSS", "PLATFORM_STABILITY", "DATA_QUALITY"];

/** Nanoseconds for one of `count`, in the best of some runs. */
function best(run, count, runs = RUNS) {
  let least = Infinity;
  for (let round = 0; round < runs; round += 1) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
  }
  return (least * 1_000) / count;
}

function show(what, nanoseconds, goal) {
  const rate = 1_000 / nanoseconds;
  const verdict = goal === undefined ? "" : `  goal ${goal} M/s: ${rate >= goal ? "met" : "MISSED"}`;
  console.log(`${what.padEnd(58)} ${nanoseconds.toFixed(1).padStart(10)} ns ${rate.toFixed(2).padStart(9)} M/s${verdict}`);
}

/** One call after the other. */
const times = (ask, calls = CALLS) => [() => { for (let call = 0; call < calls; call += 1) ask(); }, calls];

// As it comes from a store: parsed from JSON.
const copy = (value) => JSON.parse(JSON.stringify(value));
const scores = (emq) => ({ ...Object.fromEntries(COMPONENTS.map((name) => [name, 95])), EMQ: emq });
const health = (emq) => copy({ tenant_id: TENANT, platform: "META", now: NOW, components: scores(emq), data_as_of: "2026-03-01T11:00:00.000Z" });
const question = (emq) =>
  copy({
    tenant_id: TENANT,
    action_type: "BUDGET_INCREASE",
    platforms: ["META"],
    snapshots: [stratum.call("health.evaluate", { facts: health(emq) })],
    now: NOW,
  });
const limits = (after_cents) =>
  copy({
    change: {
      action_type: "BUDGET_INCREASE",
      platform: "META",
      entity_type: "CAMPAIGN",
      entity_id: "238512",
      change: { field: "BUDGET", kind: "DAILY", before_cents: 10_000, after_cents, currency: "USD" },
    },
    known: {
      now: NOW,
      next_local_midnight: "2026-03-02T00:00:00.000Z",
      currency: "USD",
      budget: { kind: "DAILY", budget_cents: 10_000, active: true },
      campaign: { spend_cents: 70_000, revenue_cents: 210_000 },
      exposure: { impressions: 25_000, reach: 10_000 },
      changes_today: 0,
    },
  });

function single() {
  show("nothing: an empty function of the compiled part", best(...times(() => native._nothing())));
  const [gate, scored, enforcement] = [new stratum.Gate(), new stratum.Health(), new stratum.Enforcement()];
  const [passes, holds] = [question(90), question(10)];
  show("Gate.evaluate, passes", best(...times(() => gate.evaluate(passes))), 1);
  show("Gate.evaluate, held, decision and codes read", best(...times(() => gate.evaluate(holds).codes.length)), 1);
  const few = Math.max(1, CALLS / 20);
  show("Gate.evaluate, held, every reason and remedy read", best(...times(() => gate.evaluate(holds).reasons.length, few)));
  const facts = health(90);
  show("Health.evaluate, the whole snapshot", best(...times(() => scored.evaluate(facts))), 1);
  const event = { completeness: 100, latency_s: 10, email: true, anonymous_id: true, user_agent: true, client_ip: true };
  show("emq.score, the facts of an event", best(...times(() => stratum.emq.score(event))), 1);
  const [allowed, refused] = [limits(12_000), limits(12_001)];
  show("Enforcement.check, allowed", best(...times(() => enforcement.check(allowed))), 1);
  show("Enforcement.check, refused, codes read", best(...times(() => enforcement.check(refused).codes.length)), 1);
  console.log();
  const requests = {
    "health.evaluate": { facts },
    "gate.evaluate": { facts: passes },
    "enforcement.check": { facts: allowed },
    "emq.platform": { measurements: { events_browser: 900, events_server: 1_000, events_matched: 800, data_age_hours: 1 } },
    "decision.evaluate": { facts: { gate: passes, limits: allowed } },
  };
  for (const [name, request] of Object.entries(requests)) {
    show(`call("${name}", object)`, best(...times(() => stratum.call(name, request), few)), 0.2);
  }
}

/** A million rows and more at once. */
async function columns(rows) {
  const numbers = (place) => Float64Array.from({ length: rows }, (_, row) => (row * 7 + place) % 101);
  const scored = Object.fromEntries(COMPONENTS.map((name, place) => [name, numbers(place)]));
  show(`batch("health.evaluate"), ${rows} rows x 5`, best(() => stratum.batch("health.evaluate", scored), rows), 10);
  const changes = {
    action_type: Uint8Array.from({ length: rows }, (_, row) => row % 10),
    score: numbers(0),
    coverage_pct: new Float64Array(rows).fill(100),
    snapshot_age_minutes: numbers(3),
    data_age_hours: numbers(5),
  };
  show(`batch("gate.evaluate"), ${rows} rows x 5`, best(() => stratum.batch("gate.evaluate", changes), rows), 10);
  const flags = (every) => Uint8Array.from({ length: rows }, (_, row) => (row % every === 0 ? 1 : 0));
  const events = { completeness: numbers(1), latency_s: numbers(2), email: flags(2), phone: flags(3), user_agent: flags(1) };
  show(`batch("emq.event"), ${rows} rows x 5`, best(() => stratum.batch("emq.event", events), rows), 10);
  const start = process.cpuUsage();
  await stratum.batchAsync("health.evaluate", scored);
  const { user, system } = process.cpuUsage(start);
  show(`batchAsync("health.evaluate"), all threads`, ((user + system) * 1_000) / rows);
}

function sizes() {
  const files = readdirSync(PACKAGE, { recursive: true })
    .map(String)
    .filter((file) => !file.includes("node_modules") && /^(index\.|lib\/|types\/|[^/]*\.node$|package\.json)/.test(file))
    .map((file) => `${PACKAGE}/${file}`)
    .filter((file) => statSync(file).isFile());
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const packed = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
  const script = `const start = process.hrtime.bigint(); require(${JSON.stringify(PACKAGE)}); console.log(Number(process.hrtime.bigint() - start) / 1e6);`;
  const loads = Array.from({ length: 10 }, () => Number(spawnSync(process.execPath, ["-e", script], { encoding: "utf8" }).stdout));
  console.log(`package: ${(bytes / 1e6).toFixed(2)} MB, ${(packed / 1e6).toFixed(2)} MB gzipped; require: ${Math.min(...loads).toFixed(1)} ms (best of ${loads.length})`);
}

single();
console.log();
await columns(Number(options.rows));
console.log();
sizes();
