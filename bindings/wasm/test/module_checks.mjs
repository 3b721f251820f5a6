// How the two modules of the package stand to each other: the small one decides, the full one knows every operation.

import { HEALTH, must, same, thrown } from "./checks.mjs";

export function moduleChecks(small, full, cases) {
  const list = [];
  const check = (name, run) => list.push({ name, run });
  const names = async (module) => (await module.operations()).map(({ name }) => name);

  check("the small module knows a part of the full one, in its order", async () => {
    const [every, some] = [await names(full), await names(small)];
    same(every.filter((name) => some.includes(name)), some);
    must(some.length < every.length);
    must(cases.every(({ operation }) => every.includes(operation)));
    same(JSON.parse(await small.schemaJson()).operations.map(({ name }) => name), some);
  });

  check("what only the full module knows says where it is", async () => {
    const some = await names(small);
    for (const name of (await names(full)).filter((one) => !some.includes(one))) {
      const { code, message } = thrown(() => small.call(name, {}));
      must(code === "unknown_operation" && message.includes("@stratum-trust/wasm/full"), message);
    }
  });

  check("an error of either module is the same kind of error", () => {
    for (const module of [small, full]) {
      must(thrown(() => module.call("health.evaluate", {})) instanceof small.StratumError);
      must(thrown(() => module.call("health.evaluate", {})) instanceof full.StratumError);
    }
  });

  check("the two modules stand beside each other and answer alike, and a trap of one is none of the other", () => {
    thrown(() => full._breakForTests("panic"));
    same(small.call("health.evaluate", HEALTH), full.call("health.evaluate", HEALTH));
  });

  check("the facts of events are scored in both, one by one and as columns", () => {
    const facts = { completeness: 80, latency_s: 10, email: true, page: true };
    same(small.emq.score(facts), full.emq.score(facts));
    const columns = { completeness: [80, 20], latency_s: [10, 4000], email: [true, true] };
    const scored = (module) => module.batch("emq.event", columns);
    const numbers = ({ score }) => [...score].map(String);
    same(numbers(scored(small)), numbers(scored(full)));
    same(scored(small).refusal.values, scored(full).refusal.values);
  });

  return list;
}
