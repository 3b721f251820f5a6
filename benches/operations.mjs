// What each operation costs by its name, an object in and an object out, beside its echo: the same request written and the
// same answer read by JavaScript's own JSON, with nothing between.
//
//     make bench              builds the release package first
//     node benches/operations.mjs [--package node|wasm|wasm/full] [--only decision] [--milliseconds 40]
//
// The requests are those of the conformance vectors that are answered, one after the other; an operation is as fast as the
// mean of them. Processor time, the best of some runs.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    package: { type: "string", default: "node" },
    only: { type: "string", default: "" },
    milliseconds: { type: "string", default: "40" },
  },
});
const RUNS = 12;
const GOAL = 200_000;

async function stratum() {
  if (options.package === "node") return createRequire(import.meta.url)("../bindings/node/index.cjs");
  const folder = options.package === "wasm" ? "" : "full/";
  const module = await import(`../bindings/wasm/pkg/${folder}node.js`);
  await module.init();
  return module;
}

const { call } = await stratum();

/** The least nanoseconds for one of the cases, in the best of some runs that each take about as long as was asked for. */
function best(cases, ask) {
  const timed = (rounds) => {
    const start = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) for (const one of cases) ask(one);
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
  let rounds = 1;
  let took = timed(rounds);
  for (; took < 1_000 * Number(options.milliseconds); took = timed(rounds)) rounds = Math.ceil(rounds * Math.min(8, (1_200 * Number(options.milliseconds)) / Math.max(took, 100)));
  for (let run = 1; run < RUNS; run += 1) took = Math.min(took, timed(rounds));
  return (took * 1_000) / rounds / cases.length;
}

const folder = new URL("../tests/vectors/operations/", import.meta.url);
const mean = (list) => Math.round(list.reduce((sum, item) => sum + item, 0) / list.length);
const right = (text, width) => String(text).padStart(width);

console.log(`${"operation".padEnd(22)}${right("bytes in", 10)}${right("out", 8)}${right("echo ns", 10)}${right("call ns", 10)}${right("inside ns", 11)}${right("a second", 12)}`);
for (const file of readdirSync(folder).sort()) {
  const { operation, cases } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  if (!operation.includes(options.only)) continue;
  const asked = [];
  for (const { request, expect_problems } of cases) {
    if (expect_problems !== undefined) continue;
    try {
      asked.push({ request, answer: JSON.stringify(call(operation, request)), written: JSON.stringify(request) });
    } catch (error) {
      if (error.problems?.[0]?.code !== "unknown_operation") throw error;
    }
  }
  if (asked.length === 0) continue;
  const echo = best(asked, ({ request, answer }) => [JSON.stringify(request), JSON.parse(answer)]);
  const whole = best(asked, ({ request }) => call(operation, request));
  const rate = 1e9 / whole;
  const verdict = rate >= GOAL ? "" : 1e9 / echo < GOAL ? "  the echo alone is slower than 200 k" : "  below 200 k";
  console.log(
    `${operation.padEnd(22)}${right(mean(asked.map(({ written }) => written.length)), 10)}${right(mean(asked.map(({ answer }) => answer.length)), 8)}` +
      `${right(echo.toFixed(0), 10)}${right(whole.toFixed(0), 10)}${right((whole - echo).toFixed(0), 11)}${right(Math.round(rate).toLocaleString("en"), 12)}${verdict}`,
  );
}
