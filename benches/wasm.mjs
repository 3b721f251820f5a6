// What the package for browsers does per second, in Node and in headless Chromium, beside doing nothing; how large it is,
// and how long it takes to be ready.
//
//     make bench-wasm
//
// In Node the time is processor time, in Chromium it is the time on the clock.

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

import * as decide from "../bindings/wasm/pkg/node.js";
import * as full from "../bindings/wasm/pkg/full/node.js";
import { browser, withPage } from "../bindings/wasm/test/page.mjs";
import { report } from "../bindings/wasm/test/size.mjs";
import { measure } from "./wasm_work.mjs";

const { values: options } = parseArgs({
  options: { rows: { type: "string", default: "1000000" }, calls: { type: "string", default: "100000" } },
});
const amounts = { rows: Number(options.rows), calls: Number(options.calls) };

function show(where, found) {
  console.log(where);
  for (const { name, nanoseconds, goal } of found) {
    const rate = 1_000 / nanoseconds;
    const verdict = goal === undefined ? "" : `  goal ${goal} M/s: ${rate >= goal ? "met" : "MISSED"}`;
    console.log(`  ${name.padEnd(50)} ${nanoseconds.toFixed(1).padStart(11)} ns ${rate.toFixed(2).padStart(8)} M/s${verdict}`);
  }
}

const processorTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const modules = [["decide", decide, "/pkg/index.js"], ["full", full, "/pkg/full/index.js"]];
for (const [name, stratum] of modules) {
  await stratum.init();
  show(`Node, ${name}`, measure(stratum, processorTime, amounts));
}

const script = `
  const start = performance.now();
  const { init } = await import(${JSON.stringify(import.meta.resolve("../bindings/wasm/pkg/node.js"))});
  await init();
  console.log(performance.now() - start);`;
const loads = Array.from({ length: 10 }, () =>
  Number(spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }).stdout),
);

for (const [name, , path] of browser() ? modules : []) {
  const { ready, found } = await withPage(async (page) => {
    await page.route("**/wasm_work.mjs", (route) => route.fulfill({ path: new URL("wasm_work.mjs", import.meta.url).pathname, contentType: "text/javascript" }));
    return page.evaluate(async ({ amounts, path }) => {
      const start = performance.now();
      const stratum = await import(path);
      await stratum.init();
      const ready = performance.now() - start;
      const { measure } = await import("/wasm_work.mjs");
      return { ready, found: measure(stratum, () => performance.now(), amounts) };
    }, { amounts, path });
  });
  show(`Chromium, ${name}`, found);
  console.log(`ready in Chromium (import, fetch, compile, instantiate; once): ${ready.toFixed(1)} ms`);
}
if (!browser()) console.log("NO CHROMIUM: the browser was not measured");
console.log(`ready in Node (import, read, compile, instantiate): ${Math.min(...loads).toFixed(1)} ms (best of ${loads.length})`);
console.log(report().join("\n"));
