// The package in headless Chromium, as a plain page loads it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { browser, withPage } from "./page.mjs";

const missing = browser() ? false : "no Chromium: apt install chromium, or name one in CHROMIUM";

if (missing) {
  console.error(`THE BROWSER WAS NOT TESTED: ${missing}`);
  test("the package in Chromium", { skip: missing }, () => {});
} else {
  const results = await withPage((page) =>
    page.evaluate(async () => {
      const stratum = await import("/pkg/index.js");
      const full = await import("/pkg/full/index.js");
      const { createWorker } = await import("/pkg/worker.js");
      const { createWorker: createFullWorker } = await import("/pkg/full/worker.js");
      const { checks } = await import("/test/checks.mjs");
      const { decisionChecks } = await import("/test/decision_checks.mjs");
      const { moduleChecks } = await import("/test/module_checks.mjs");
      const { workerChecks } = await import("/test/worker_checks.mjs");
      await Promise.all([stratum.init(), full.init()]);
      const cases = await (await fetch("/vectors.json")).json();
      const listed = await stratum.operations();
      const small = cases.filter(({ operation }) => listed.some(({ name }) => name === operation));
      const everywhere = (module, worker, known) => [
        ...checks(module, known, 200),
        ...decisionChecks(module, known),
        ...workerChecks(worker),
      ];
      const list = [
        ...everywhere(stratum, createWorker, small),
        ...everywhere(full, createFullWorker, cases).map(({ name, run }) => ({ name: `full: ${name}`, run })),
        ...moduleChecks(stratum, full, cases),
      ];
      const results = [];
      for (const { name, run } of list) {
        try {
          await run();
          results.push({ name, wrong: null });
        } catch (error) {
          results.push({ name, wrong: String(error) });
        }
      }
      return results;
    }),
  );
  for (const { name, wrong } of results) test(`chromium: ${name}`, () => assert.equal(wrong, null));
}
