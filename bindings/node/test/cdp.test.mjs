// The customer library over typed columns: the same as the calls by row, whatever the columns are made of.

import assert from "node:assert/strict";
import { test } from "node:test";

import { StratumError, Texts, batch, call, cdp } from "../index.mjs";

const NAMES = ["ProductViewed", "AddToCart", "Purchase", "PageView"];
const STEPS = NAMES.slice(0, 3);
const START = Date.parse("2026-01-01T00:00:00Z");

/** The same events every time, in no order. */
const EVENTS = Array.from({ length: 700 }, (_, row) => ({
  profile_id: `${row % 3 ? "é" : ""}${(row * 7919) % 41}`,
  event_name: NAMES[(row * 104_729) % 4],
  event_time: START + ((row * 15_485_863) % 70_000) * 60_000,
}));
const column = (name, make = (value) => value) => EVENTS.map((event) => make(event[name]));
const COLUMNS = { profile_id: column("profile_id"), event_name: column("event_name"), event_time: column("event_time") };
const iso = (ms) => new Date(ms).toISOString();

const EXPECTED = call("funnel.evaluate", {
  funnel: { steps: STEPS.map((event_name) => ({ event_name })) },
  events: EVENTS.map((event) => ({ ...event, event_time: iso(event.event_time) })),
});

function parts(texts) {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const offsets = new Int32Array(texts.length + 1);
  encoded.forEach((bytes, row) => (offsets[row + 1] = offsets[row] + bytes.length));
  return { offsets, bytes: Uint8Array.from(encoded.flatMap((bytes) => [...bytes])) };
}

const rows = (table, length) =>
  Array.from({ length }, (_, row) =>
    Object.fromEntries(
      Object.entries(table)
        .filter(([name]) => name !== "tables")
        .map(([name, values]) => {
          const value = values.at(row);
          return [name, Number.isNaN(value) ? null : value];
        }),
    ),
  );

test("a funnel over columns is the funnel of the events, in every form of the columns", async () => {
  assert.ok(EXPECTED.converted > 0);
  const forms = [
    COLUMNS,
    { ...COLUMNS, event_time: Float64Array.from(COLUMNS.event_time) },
    { ...COLUMNS, event_time: BigInt64Array.from(COLUMNS.event_time, BigInt) },
    { ...COLUMNS, event_time: column("event_time", (ms) => new Date(ms)) },
    { ...COLUMNS, event_time: column("event_time", iso) },
    { ...COLUMNS, profile_id: parts(COLUMNS.profile_id), event_name: new Texts(parts(COLUMNS.event_name)) },
  ];
  for (const columns of forms) {
    const found = await cdp.funnel(columns, STEPS);
    assert.deepEqual(rows(found, 3), EXPECTED.steps);
    assert.deepEqual(rows(found.tables.summary, 1), [
      {
        entered: EXPECTED.entered,
        converted: EXPECTED.converted,
        conversion_rate: EXPECTED.conversion_rate,
        median_seconds_to_convert: EXPECTED.median_seconds_to_convert,
      },
    ]);
  }
});

test("ids may be whole numbers", async () => {
  const numbers = COLUMNS.profile_id.map((id) => Number(id.replace("é", "-")));
  const expected = await cdp.funnel({ ...COLUMNS, profile_id: numbers.map(String) }, STEPS);
  for (const profile_id of [numbers, Float64Array.from(numbers), Int32Array.from(numbers), BigInt64Array.from(numbers, BigInt)]) {
    assert.deepEqual((await cdp.funnel({ ...COLUMNS, profile_id }, STEPS)).count, expected.count);
  }
});

test("what is wrong with columns is said with its place", async () => {
  const wrong = [
    [{ ...COLUMNS, event_time: undefined }, "/event_time", "missing_column"],
    [{ ...COLUMNS, event_name: COLUMNS.event_time.map(() => 0.5) }, "/event_name/0", "wrong_type"],
    [{ ...COLUMNS, event_time: COLUMNS.event_time.map(() => "soon") }, "/event_time/0", "invalid_timestamp"],
    [{ ...COLUMNS, event_time: COLUMNS.event_time.map((ms) => ms + 0.5) }, "/event_time/0", "not_whole"],
    [{ ...COLUMNS, event_time: COLUMNS.event_time.map(() => ({})) }, "/event_time/0", "wrong_type"],
    [{ ...COLUMNS, profile_id: COLUMNS.profile_id.map((id, row) => (row === 5 ? null : id)) }, "/profile_id/5", "missing_value"],
    [{ ...COLUMNS, profile_id: { offsets: Int32Array.of(0, 9), bytes: new Uint8Array(3) } }, "/profile_id", "invalid_text"],
    [{ ...COLUMNS, event_name: ["Purchase"] }, "/event_time", "length_mismatch"],
  ];
  for (const [columns, path, code] of wrong) {
    await assert.rejects(cdp.funnel(columns, STEPS), (error) => {
      assert.ok(error instanceof StratumError, `${error}`);
      assert.ok(
        error.problems.some((problem) => problem.code === code && (problem.path === path || code === "length_mismatch")),
        `${JSON.stringify(error.problems[0])} is not ${path} ${code}`,
      );
      return true;
    });
  }
});

test("customers are scored as the call scores them", async () => {
  const customers = Array.from({ length: 300 }, (_, row) => ({
    recency_days: (row * 7) % 200,
    frequency: row % 25,
    monetary_cents: (row * 7919) % 200_000,
  }));
  const columns = Object.fromEntries(
    Object.keys(customers[0]).map((name) => [name, Float64Array.from(customers, (customer) => customer[name])]),
  );
  for (const mode of ["FIXED", "QUINTILE"]) {
    const expected = call("rfm.score", { policy: { mode }, customers }).customers;
    const { segment, rfm_cell: cell, ...found } = await cdp.rfm(columns, { policy: { mode } });
    const name = ({ codes, values }, row) => values[codes[row]] ?? null;
    const scored = rows(found, 300).map((scores, row) =>
      name(cell, row) === null ? null : { ...scores, rfm_cell: name(cell, row), segment: name(segment, row) },
    );
    assert.deepEqual(scored, expected);
  }
});

test("events of one person come together, and what names nobody links nothing", async () => {
  const found = await cdp.resolve({
    email: [" Jane@Shop.Example", null, "omar@shop.example", "null"],
    device_id: ["d1", "D1", "d2", null],
  });
  assert.ok(found.cluster instanceof Texts);
  assert.deepEqual([...found.cluster], ["email:jane@shop.example", "email:jane@shop.example", "email:omar@shop.example", null]);
  assert.deepEqual(found.cluster.at(3), null);
  assert.equal(found.tables.identifiers.identifier.length, 4);
  assert.equal(found.tables.summary.clusters[0], 2);
});

test("a family's phone is its first user's under strict, and everybody's under standard", async () => {
  const family = { email: ["a@shop.test1", "b@shop.test1"], phone: ["+96550012345", "+96550012345"] };
  const clusters = async (options) => [...(await cdp.resolve(family, options)).cluster];
  assert.deepEqual(await clusters(), ["email:a@shop.test1", "email:b@shop.test1"]);
  const together = ["email:a@shop.test1", "email:a@shop.test1"];
  assert.deepEqual(await clusters({ identity: { preset: "standard" } }), together);
  assert.throws(() => cdp.resolve(family, { identity: {}, policy: {} }), TypeError);
});

test("without rows there is an answer without people", async () => {
  assert.deepEqual([...(await cdp.funnel({ profile_id: [], event_name: [], event_time: [] }, STEPS)).count], [0, 0, 0]);
  assert.equal((await cdp.resolve({ email: [] })).cluster.length, 0);
});

test("beside the main thread and at once the answer is the same; progress is told and work is called off", async () => {
  const times = Array.from({ length: 200 }, () => COLUMNS);
  const many = Object.fromEntries(Object.keys(COLUMNS).map((name) => [name, times.flatMap((columns) => columns[name])]));
  const shares = [];
  const found = await cdp.funnel(many, STEPS, { onProgress: (share) => shares.push(share) });
  assert.equal(shares.at(-1), 1);
  const policy = { steps: STEPS.map((event_name) => ({ event_name })) };
  assert.deepEqual(found, batch("funnel.evaluate", many, { policy }));
  const reason = new Error("not any more");
  await assert.rejects(cdp.funnel(many, STEPS, { signal: AbortSignal.abort(reason) }), reason);
});

test("identifiers are normalised as the call normalises them", async () => {
  const columns = {
    email: [" Jane.Doe+x@GMAIL.com", null, "no at", "josé@shop.example", "null"],
    phone: ["٠٠٩٦٥ ٥٠٠١-٢٣٤٥", "50012345", null, "12", "x"],
  };
  const settings = { default_region: "KW" };
  const found = await cdp.normalize(columns, { settings, platforms: ["META", "GOOGLE"] });
  for (const [type, values] of Object.entries(columns)) {
    values.forEach((value, row) => {
      const single = value === null ? null : call("identifier.normalize", { type, value, settings });
      assert.equal(found[type].at(row), single?.value ?? null);
      assert.equal(found[`${type}_refusal`].at(row), single?.refusal?.code ?? null);
      assert.equal(found[`${type}_meta`].at(row), single?.platforms.meta?.value ?? null);
      assert.equal(found[`${type}_google`].at(row), single?.platforms.google?.value ?? null);
    });
  }
});

test("traits and members over events are those of the calls", async () => {
  const now = "2026-03-01T00:00:00Z";
  const total = EVENTS.map((_, row) => (row % 5 ? row % 90 : null));
  const columns = { ...COLUMNS, total };
  const profiles = new Map();
  EVENTS.forEach((event, row) => {
    if (!profiles.has(event.profile_id)) profiles.set(event.profile_id, []);
    const properties = total[row] === null ? {} : { total: total[row] };
    profiles.get(event.profile_id).push({ id: String(row).padStart(4, "0"), name: event.event_name, time: iso(event.event_time), properties });
  });
  const traits = [{ name: "spent", trait_type: "sum", source_config: { event_name: "Purchase", property: "total" } }];
  const expected = call("traits.compute", {
    traits,
    now,
    profiles: [...profiles].map(([profile_id, events]) => ({
      profile_id,
      events: events.map(({ id, name, time, properties }) => ({ event_id: id, event_name: name, event_time: time, properties })),
    })),
  }).profiles;
  const found = await cdp.traits(columns, traits, { now });
  assert.deepEqual([...found.profile_id], expected.map((row) => row.profile_id));
  assert.deepEqual([...found.spent], expected.map((row) => row.traits.spent));

  const rules = { logic: "and", conditions: [{ field: "event.Purchase.sum.total", operator: "greater_than", value: 100 }] };
  const members = call("segment.evaluate", { rules, now, profiles: [...profiles].map(([id, events]) => ({ id, events })) }).profiles;
  const { profile_id, member } = await cdp.segment(columns, rules, { now: new Date(now) });
  assert.deepEqual([...profile_id], members.map((row) => row.id));
  assert.deepEqual([...member].map(Boolean), members.map((row) => row.member));
  assert.deepEqual([...new Set(member)].sort(), [0, 1]);
});

const word = ({ codes, values }, row) => values[codes[row]] ?? null;
const columnsOf = (list) => Object.fromEntries(Object.keys(list[0]).map((name) => [name, list.map((row) => row[name])]));
const or = (value) => (Number.isNaN(value) ? null : value);

test("purchases become figures of customers, and those become scores", async () => {
  const now = "2026-03-01T00:00:00Z";
  const purchases = Array.from({ length: 300 }, (_, row) => ({
    customer_id: `c${(row * 7919) % 61}é`,
    at: iso(Date.parse(now) - ((row * 104_729) % 12_000) * 3_600_000),
    amount_cents: 100 + ((row * 7919) % 9000),
    refunded_cents: row % 4 ? 0 : 9000,
  }));
  const expected = call("rfm.aggregate", { now, purchases });
  const figures = await cdp.rfmAggregate(columnsOf(purchases), { now: new Date(now) });
  const found = new Map([...figures.customer_id].map((id, row) => [id, row]));
  assert.deepEqual([...found.keys()].sort(), [...expected.customer_ids].sort());
  expected.customer_ids.forEach((id, place) => {
    const { recency_days, frequency, monetary_cents } = figures;
    const [row, customer] = [found.get(id), expected.customers[place]];
    assert.deepEqual([recency_days[row], frequency[row], monetary_cents[row]], [customer.recency_days, customer.frequency, customer.monetary_cents]);
  });
  assert.equal((await cdp.rfm(figures)).rfm_score.length, found.size);
});

test("predictions are those of the call, and who has no purchase has none", async () => {
  const customers = Array.from({ length: 120 }, (_, row) => ({
    purchases: row % 6,
    days_since_last_purchase: row % 6 ? (row * 7) % 200 : null,
    revenue_cents: row % 6 ? (row * 7919) % 200_000 : null,
    median_gap_days: row % 6 > 2 ? 12.5 : null,
  }));
  const given = customers.map((row) => (row.purchases ? row : { ...row, days_since_last_purchase: 0, revenue_cents: 0 }));
  const base = { average_order_cents: 4000 };
  const expected = call("prediction.evaluate", { base, customers: given }).customers;
  const found = await cdp.predict(columnsOf(customers), { base });
  expected.forEach((customer, row) => {
    assert.deepEqual(or(found.churn_probability[row]), customer?.churn_probability ?? null);
    assert.deepEqual(or(found.ltv_365_cents[row]), customer?.ltv_365_cents ?? null);
    assert.deepEqual(or(found.gap_days[row]), customer?.gap_days ?? null);
    for (const name of ["churn_band", "ltv_class", "gap_source"]) assert.equal(word(found[name], row), customer?.[name] ?? null);
  });
});

test("lifetime values are those of fitting and predicting by call", async () => {
  const x = Array.from({ length: 300 }, (_, row) => [0, 0, 1, 2, 5, 9][(row * 7919) % 6]);
  const T = x.map((_, row) => 20 + ((row * 31) % 20));
  const t_x = x.map((count, row) => (count ? ((row * 17) % 19) + 0.5 : 0));
  const m = x.map((count, row) => (count ? 10 + ((row * 104_729) % 40) : 0));
  const columns = { frequency: x, recency: t_x, T, monetary_value: m.map((amount) => amount || null) };
  const ahead = { months: 6, monthly_discount: 0.01, periods_per_month: 4.345 };
  const found = await cdp.lifetimeValue(columns, ahead);
  const [bgnbd, spend] = [call("bgnbd.fit", { x, t_x, T }), call("gamma_gamma.fit", { x, m })];
  const models = { bgnbd: bgnbd.params, gamma_gamma: spend.params };
  const sure = { bgnbd_covariance: bgnbd.covariance, gamma_gamma_covariance: spend.covariance };
  assert.deepEqual([...found.tables.parameters.value], [...Object.values(bgnbd.params), ...Object.values(spend.params)]);
  const customers = x.map((count, row) => ({ x: count, t_x: t_x[row], T: T[row], m: m[row] }));
  const values = call("clv.predict", { ...models, ...sure, ...ahead, customers }).customers;
  values.forEach((customer, row) => {
    assert.deepEqual([found.clv[row], found.clv_low[row], found.clv_high[row]], [customer.clv, customer.clv_interval.low, customer.clv_interval.high]);
  });
  const { p_alive, clv_low } = await cdp.lifetimeValue(columns, { ...models, ...ahead, confidence: null });
  assert.deepEqual([p_alive, clv_low], [found.p_alive, undefined]);
});

test("fields of persons are normalised as the call normalises them", async () => {
  const columns = {
    first_name: [" José-María ", null, "..."],
    state: ["New York", "New York", null],
    zip: ["94035-1234", "SW1A 1AA", "940"],
    country: ["US", "GB", null],
    date_of_birth: ["16.02.1991", null, "2026-06-02"],
  };
  const platforms = ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"];
  const found = await cdp.normalize(columns, { platforms, latest_birth: "2026-06-01" });
  for (let row = 0; row < 3; row++) {
    const given = Object.entries(columns).filter(([, values]) => values[row] !== null);
    const single = call("person.normalize", { ...Object.fromEntries(given.map(([name, values]) => [name, values[row]])), latest_birth: "2026-06-01" });
    for (const name of Object.keys(columns)) {
      assert.equal(found[name].at(row), single[name]?.meta ?? null);
      for (const platform of platforms.map((text) => text.toLowerCase())) {
        assert.equal(found[`${name}_${platform}`].at(row), single[name]?.platforms[platform]?.value ?? null);
      }
    }
  }
  assert.deepEqual([...found.first_name_refusal], [null, null, "nothing_usable"]);
});

test("what is wrong with customers is said of every column and row, and their work is called off", async () => {
  const columns = { frequency: [1, -1, 1], recency: [2, 2, 9], T: [5, 5, 5] };
  await assert.rejects(cdp.lifetimeValue(columns, { periods_per_month: 0 }), (error) => {
    const places = error.problems.map(({ path, code }) => `${path} ${code}`);
    assert.deepEqual(places, ["/policy/periods_per_month out_of_range", "/frequency/1 out_of_range", "/recency/2 out_of_range"]);
    return true;
  });
  const many = { frequency: [], recency: [], T: [] };
  for (let row = 0; row < 50_000; row++) {
    many.frequency.push(row % 5);
    many.recency.push(row % 5 ? (row % 17) + 1 : 0);
    many.T.push(20 + (row % 23));
  }
  const controller = new AbortController();
  const reason = new Error("not any more");
  const onProgress = () => controller.abort(reason);
  await assert.rejects(cdp.lifetimeValue(many, { periods_per_month: 4.345, signal: controller.signal, onProgress }), reason);
});
