// The package in Node.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import * as full from "../pkg/full/node.js";
import { createWorker as createFullWorker } from "../pkg/full/worker-node.js";
import * as stratum from "../pkg/node.js";
import { createWorker } from "../pkg/worker-node.js";

import { HEALTH, checks, thrown } from "./checks.mjs";
import { decisionChecks } from "./decision_checks.mjs";
import { moduleChecks } from "./module_checks.mjs";
import { MODULES, sizes, total } from "./size.mjs";
import { cases } from "./vectors.mjs";
import { workerChecks } from "./worker_checks.mjs";

const early = [stratum, full].map((module) => thrown(() => module.call("health.evaluate", HEALTH)));
test("before the module is there the wrapper says what to do", () => {
  for (const { message } of early) assert.match(message, /not_ready.*await init\(\)/);
});

test("the module is loaded once, whoever asks", async () => {
  const [first, second] = await Promise.all([stratum.init(), stratum.init()]);
  assert.equal(first, second);
  assert.equal(first.call, stratum.call);
});

await Promise.all([stratum.init(), full.init()]);
const everywhere = (module, worker, known) => [
  ...checks(module, known),
  ...decisionChecks(module, known),
  ...workerChecks(worker),
];
const listed = await stratum.operations();
const small = cases().filter(({ operation }) => listed.some(({ name }) => name === operation));
for (const { name, run } of everywhere(stratum, createWorker, small)) test(name, run);
for (const { name, run } of everywhere(full, createFullWorker, cases())) test(`full: ${name}`, run);
for (const { name, run } of moduleChecks(stratum, full, cases())) test(name, run);

test("a million calls leave the memory as it was", () => {
  const body = JSON.stringify(HEALTH);
  const refused = JSON.stringify({ facts: { platform: "LINKEDIN" } });
  const round = (calls) => {
    for (let index = 0; index < calls; index += 1) stratum.callJson("health.evaluate", body);
    for (let index = 0; index < calls / 1000; index += 1) {
      assert.throws(() => stratum.callJson("health.evaluate", refused));
      stratum.batch("health.evaluate", { emq: [90] });
    }
  };
  round(10_000);
  const before = stratum._memoryBytes();
  round(1_000_000);
  assert.equal(stratum._memoryBytes(), before);
});

test("the examples of the README run as they stand, in a project that has installed the package", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const blocks = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, block]) => block);
  assert.ok(blocks.length > 0);
  const project = mkdtempSync(join(tmpdir(), "stratum-wasm-"));
  try {
    mkdirSync(join(project, "node_modules/@stratum-trust"), { recursive: true });
    symlinkSync(fileURLToPath(new URL("../pkg", import.meta.url)), join(project, "node_modules/@stratum-trust/wasm"));
    blocks.forEach((block, index) => {
      const file = join(project, `${index}.mjs`);
      writeFileSync(file, block);
      const { status, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""]);
    });
  } finally {
    rmSync(project, { recursive: true });
  }
});

test("the package may be published, and holds both licences and every file that it names", () => {
  const cwd = new URL("../pkg", import.meta.url);
  const manifest = JSON.parse(readFileSync(new URL("../pkg/package.json", import.meta.url), "utf8"));
  assert.deepEqual([manifest.private, typeof manifest.version], [undefined, "string"]);
  const { stdout, stderr } = spawnSync("npm pack --dry-run --json --ignore-scripts --offline", { cwd, encoding: "utf8", shell: true });
  assert.notEqual(stdout, "", stderr);
  const files = JSON.parse(stdout)[0].files.map(({ path }) => path);
  const named = Object.values(manifest.exports).flatMap(function every(value) {
    return typeof value === "string" ? [value.slice(2)] : Object.values(value).flatMap(every);
  });
  for (const file of ["LICENSE-MIT", "LICENSE-APACHE", "README.md", ...named]) assert.ok(files.includes(file), `${file}: ${files}`);
});

test("what decides is a download of 300 kB at most", () => {
  // What decides has a goal of 300 kB; the full module grows with what is known about the customer.
  const found = Object.values(MODULES).map((folder) => total(sizes(folder)));
  assert.ok(found[0] <= 300_000 && found[1] <= 1_750_000, `${found} bytes gzipped`);
});
