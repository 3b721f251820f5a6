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
      const { checks } = await import("/test/checks.mjs");
      await stratum.init();
      const cases = await (await fetch("/vectors.json")).json();
      return checks(stratum, cases).map(({ name, run }) => {
        try {
          run();
          return { name, wrong: null };
        } catch (error) {
          return { name, wrong: String(error) };
        }
      });
    }),
  );
  for (const { name, wrong } of results) test(`chromium: ${name}`, () => assert.equal(wrong, null));
}
