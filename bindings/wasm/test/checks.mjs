// What must hold wherever the package runs: the same list for Node and for the browser, so nothing here is of either.

/** The checks, each with a name; one that throws has failed. `cases` are the vectors of the operations. */
export function checks(stratum, cases, rounds = 1000) {
  const { StratumError, call, callJson, operations, batch } = stratum;
  const list = [];
  const check = (name, run) => list.push({ name, run });

  for (const one of cases) {
    check(`${one.operation}: ${one.name}`, () => {
      const wrong = outcome(() => call(one.operation, one.request), one, StratumError);
      if (wrong) throw new Error(wrong);
    });
  }

  check("there are enough cases, and the comparison can fail", () => {
    must(cases.length >= 300, `${cases.length} cases`);
    must(difference({ a: [1] }, { a: [1.0000000000000002] }) === "/a/0 is 1, expected 1.0000000000000002");
    must(difference({ a: true }, { a: 1 }) === "/a is true, expected 1");
    must(difference({}, { a: null }) === "/a is missing");
  });

  for (const [how, said] of [["panic", /asked for by a test/], ["overflow", /memory access|call stack/]]) {
    check(`after a death by ${how} the wrapper says so, and a fresh instance answers`, () => {
      for (let round = 0; round < rounds; round += 1) {
        const error = thrown(() => stratum._breakForTests(how));
        must(error instanceof StratumError && error.code === "internal", `${error}`);
        must(error.operation === "test.break" && said.test(error.message), error.message);
        same(call("health.evaluate", HEALTH).score, 94.05);
      }
    });
  }

  check("columns work after a trap, and what is no position or flag is never taken for one", () => {
    thrown(() => stratum._breakForTests("panic"));
    same([...batch("health.evaluate", { emq: [90, 35], api_health: [100, 100], event_loss: [90, null] }).score], [74.5, 37.25]);
    const gate = { score: [90, 90], coverage_pct: [100, 100], snapshot_age_minutes: [1, 1], data_age_hours: [1, 1] };
    const told = (columns) => [...batch("gate.evaluate", { ...gate, ...columns }).decision.codes];
    const expected = told({ action_type: ["BUDGET_INCREASE", "NONSENSE"], frozen: [false, false] });
    must(expected[0] !== expected[1]);
    for (const odd of [Float64Array.of(0, NaN), [0, 256], [0, -1], [0, 0.5]]) same(told({ action_type: odd }), expected);
    const frozen = told({ action_type: ["BUDGET_INCREASE", "BUDGET_INCREASE"], frozen: [false, true] });
    must(frozen[0] !== frozen[1]);
    for (const flags of [Uint16Array.of(0, 256), Float64Array.of(0, 0.5)]) {
      same(told({ action_type: ["BUDGET_INCREASE", "BUDGET_INCREASE"], frozen: flags }), frozen);
    }
  });

  check("a value of another type is refused with its row, and never read as a number, a flag or nothing", () => {
    const told = (operation, columns) =>
      thrown(() => batch(operation, columns)).problems.map(({ path, code }) => `${path} ${code}`);
    const rows = [0, 2, 3, 4, 5].map((row) => `/EMQ/${row} wrong_type`);
    const numbers = { EMQ: ["", 90, "n/a", true, {}, new Date(0), null, undefined, 4n], api_health: [1, 1, 1, "2", 1, 1, 1, 1, 1] };
    same(told("health.evaluate", numbers), [...rows, "/API_HEALTH/3 wrong_type"]);
    same(told("health.evaluate", { EMQ: Array(100).fill("7") }).length, 10);
    same(told("health.evaluate", { EMQ: { offsets: Int32Array.of(0), bytes: new Uint8Array(0) } }), ["/EMQ wrong_type"]);
    const gate = { score: [90, 90, 90], coverage_pct: [100, 100, 100], snapshot_age_minutes: [1, 1, 1], data_age_hours: [1, 1, 1] };
    const flags = (frozen) => told("gate.evaluate", { ...gate, action_type: Array(3).fill("BUDGET_INCREASE"), frozen });
    same(flags([false, null, "false"]), ["/frozen/1 missing_value", "/frozen/2 wrong_type"]);
    same(flags(Uint8Array.of(0, 255, 1)), ["/frozen/1 missing_value"]);
    same(flags(Float64Array.of(0, NaN, 1)), ["/frozen/1 missing_value"]);
    same(told("gate.evaluate", { ...gate, action_type: ["PAUSE_ADSET", true, null] }), ["/action_type/1 wrong_type"]);
  });

  check("every operation is listed with schemas that stand by themselves", async () => {
    const listed = await operations();
    must(listed.some(({ name }) => name === "gate.evaluate"));
    for (const operation of listed) {
      for (const schema of [operation.request, operation.response]) {
        must(schema.$defs[schema.$ref.replace("#/$defs/", "")], operation.name);
      }
    }
  });

  check("text and objects give the same", () => {
    same(JSON.parse(callJson("health.evaluate", JSON.stringify(HEALTH))), call("health.evaluate", HEALTH));
  });

  check("every problem comes at once with its place", () => {
    const { problems } = thrown(() => call("health.evaluate", { facts: { platform: "LINKEDIN", colour: "red" } }));
    same(Object.fromEntries(problems.map(({ path, code }) => [path, code])), {
      "/facts/tenant_id": "missing_field",
      "/facts/now": "missing_field",
      "/facts/platform": "unknown_value",
      "/facts/colour": "unknown_field",
    });
  });

  check("what has no form in JSON is refused with its place", () => {
    for (const number of [NaN, Infinity, -Infinity]) {
      const { problems } = thrown(() => call("health.evaluate", { facts: { components: { EMQ: number } } }));
      same([problems[0].path, problems[0].code], ["/facts/components/EMQ", "not_a_number"]);
    }
    const itself = {};
    itself.facts = itself;
    for (const request of [itself, { facts: 1n }, undefined]) {
      same(thrown(() => call("health.evaluate", request)).code, "wrong_type");
    }
    must(/invalid_json/.test(thrown(() => callJson("health.evaluate", "{")).message));
    must(/unknown_operation.*gate\.evaluate/.test(thrown(() => call("gate.guess", {})).message));
  });

  check("a text of a megabyte crosses, and the next one too", () => {
    const request = { facts: { ...HEALTH.facts, colour: "ü".repeat(1 << 20) } };
    same(thrown(() => call("health.evaluate", request)).problems[0].code, "unknown_field");
    same(call("health.evaluate", HEALTH).score, 94.05);
  });

  check("columns say the same as single calls, across the seam between two parts", () => {
    const rows = 70_000;
    const emq = Float64Array.from({ length: rows }, (_, row) => (row * 7919) % 101);
    const lost = Float64Array.from({ length: rows }, (_, row) => (row % 13 === 0 ? NaN : (row * 104729) % 101));
    const answer = batch("health.evaluate", { EMQ: emq, event_loss: lost, other: "left alone" });
    for (const row of [0, 1, 12, 13, 65_535, 65_536, 65_537, rows - 1]) {
      const components = { EMQ: emq[row], ...(Number.isNaN(lost[row]) ? {} : { EVENT_LOSS: lost[row] }) };
      const { score, status, coverage_pct } = call("health.evaluate", { facts: { ...HEALTH.facts, components } });
      const { codes, values } = answer.status;
      same([answer.score[row], values[codes[row]], answer.coverage_pct[row]], [score, status, coverage_pct]);
    }
  });

  check("texts, codes and flags can be columns", () => {
    const columns = { score: [90, 90], coverage_pct: [100, 100], snapshot_age_minutes: [1, 1], data_age_hours: [1, 1] };
    const answer = batch("gate.evaluate", { ...columns, action_type: ["pause_adset", "no such"], frozen: [true, false] });
    const reasons = [...answer.reason.codes].map((code) => answer.reason.values[code]);
    same(reasons, ["FROZEN", "INVALID_INPUT"]);
  });

  check("columns that do not fit are refused", () => {
    const codes = (columns, options) => thrown(() => batch("health.evaluate", columns, options)).problems.map(({ code }) => code);
    same(codes({ emq: [1, 2], api_health: [1] }), ["length_mismatch"]);
    same(codes({ colour: [1] }), ["missing_column"]);
    same(codes({ emq: 7 }), ["wrong_type"]);
    same(codes({ emq: [1] }, { policy: { thresholds: 7 } }), ["invalid_value"]);
    same(thrown(() => batch("decision.evaluate", {})).code, "no_batch_form");
  });

  return list;
}

export const HEALTH = {
  facts: {
    tenant_id: "0198c9a0-0000-7000-8000-000000000001",
    platform: "META",
    now: new Date("2026-03-01T12:00:00Z"),
    components: { EMQ: 90, API_HEALTH: 95, EVENT_LOSS: 95, PLATFORM_STABILITY: 100, DATA_QUALITY: 98 },
  },
};

export function must(holds, otherwise = "it does not hold") {
  if (!holds) throw new Error(otherwise);
}

export function same(found, expected) {
  const wrong = difference(found, expected) ?? difference(expected, found);
  if (wrong) throw new Error(wrong);
}

export function thrown(run) {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
}

/** What is wrong with the outcome of a vector; null where it is as expected. */
function outcome(run, { expect, response, expect_problems: expected }, StratumError) {
  if (expected === undefined) return difference(run(), expect ?? response);
  const error = thrown(run);
  if (!(error instanceof StratumError)) throw error;
  const sorted = (problems) => problems.map(({ path, code }) => `${path} ${code}`).sort();
  return difference(sorted(error.problems), sorted(expected));
}

/** The first place that is not as expected: exact on the keys that are expected, lists and numbers exact. */
export function difference(found, expected, place = "") {
  const object = (value) => typeof value === "object" && value !== null && Array.isArray(value) === Array.isArray(expected);
  if (!object(expected) || !object(found)) {
    return found === expected ? null : `${place} is ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`;
  }
  if (Array.isArray(expected) && found.length !== expected.length) {
    return `${place} has ${found.length} items, expected ${expected.length}`;
  }
  for (const [key, value] of Object.entries(expected)) {
    const wrong = key in found ? difference(found[key], value, `${place}/${key}`) : `${place}/${key} is missing`;
    if (wrong) return wrong;
  }
  return null;
}
