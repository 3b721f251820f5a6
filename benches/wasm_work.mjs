// What `benches/wasm.mjs` measures, in Node and in a page.

const TENANT = "0198c9a0-0000-7000-8000-000000000001";
const NOW = "2026-03-01T12:00:00.000Z";
const COMPONENTS = ["EMQ", "API_HEALTH", "EVENT_LOSS", "PLATFORM_STABILITY", "DATA_QUALITY"];
const RUNS = 15;

/**
 * Measures everything. `clock()` gives milliseconds; what takes `count` of them is the best of some runs, so that what else
 * a busy machine does counts little. The answer is rows of a name, nanoseconds for one, and the goal in millions a second.
 */
export function measure(stratum, clock, { calls = 100_000, rows = 1_000_000 } = {}) {
  const { Enforcement, Gate, Health, batch, call, callJson, emq } = stratum;
  const found = [];
  const show = (name, count, run, goal, runs = RUNS) => {
    let least = Infinity;
    for (let round = 0; round < runs; round += 1) {
      const start = clock();
      run();
      least = Math.min(least, clock() - start);
    }
    found.push({ name, nanoseconds: (least * 1e6) / count, goal });
  };
  const single = (name, ask, goal, count = calls) => {
    const run = () => {
      for (let done = 0; done < count; done += 1) ask();
    };
    show(name, count, run, goal);
  };

  // As it comes from a store: parsed from JSON.
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const scores = (first) => ({ ...Object.fromEntries(COMPONENTS.map((name) => [name, 95])), EMQ: first });
  const health = (first) => copy({ tenant_id: TENANT, platform: "META", now: NOW, components: scores(first), data_as_of: "2026-03-01T11:00:00.000Z" });
  const question = (first) => {
    const snapshots = [call("health.evaluate", { facts: health(first) })];
    return copy({ tenant_id: TENANT, action_type: "BUDGET_INCREASE", platforms: ["META"], snapshots, now: NOW });
  };
  const limits = copy({
    change: {
      action_type: "BUDGET_INCREASE",
      platform: "META",
      entity_type: "CAMPAIGN",
      entity_id: "238512",
      change: { field: "BUDGET", kind: "DAILY", before_cents: 10_000, after_cents: 12_000, currency: "USD" },
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

  const [gate, scored, enforcement] = [new Gate(), new Health(), new Enforcement()];
  const [passes, holds, facts] = [question(90), question(10), health(90)];
  const event = { completeness: 100, latency_s: 10, email: true, anonymous_id: true, user_agent: true, client_ip: true };
  single("nothing: the size of the memory asked inside", () => stratum._memoryBytes());
  single("Gate.evaluate, passes", () => gate.evaluate(passes), 1);
  single("Gate.evaluate, held, codes read", () => gate.evaluate(holds).codes.length, 1);
  single("Health.evaluate, the whole snapshot", () => scored.evaluate(facts), 1);
  single("emq.score, the facts of an event", () => emq.score(event), 1);
  single("Enforcement.check, allowed", () => enforcement.check(limits), 1);

  const few = Math.max(1, calls / 20);
  const requests = {
    "health.evaluate": { facts },
    "gate.evaluate": { facts: passes },
    "enforcement.check": { facts: limits },
    "emq.platform": { measurements: { events_browser: 900, events_server: 1_000, events_matched: 800, data_age_hours: 1 } },
    "decision.evaluate": { facts: { gate: passes, limits } },
  };
  for (const [name, request] of Object.entries(requests)) {
    single(`call("${name}", object)`, () => call(name, request), 0.2, few);
  }
  const text = JSON.stringify(requests["health.evaluate"]);
  single('callJson("health.evaluate", text)', () => callJson("health.evaluate", text), undefined, few);

  const column = (factor) => Float64Array.from({ length: rows }, (_, row) => (row * factor) % 101);
  const days = Object.fromEntries(COMPONENTS.map((name, index) => [name, column(7919 + 2 * index)]));
  show(`batch("health.evaluate"), 5 columns, a row`, rows, () => batch("health.evaluate", days), 10, 5);
  const hours = Object.fromEntries(Object.entries(days).map(([name, values]) => [name, values.slice(0, 2160)]));
  show(`batch("health.evaluate"), 90 days of hours at once`, 1, () => batch("health.evaluate", hours));
  return found;
}
