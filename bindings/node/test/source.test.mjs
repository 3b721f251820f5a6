// What must hold of the Rust of this package so that no panic can end a process.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../src/", import.meta.url);
const sources = readdirSync(FOLDER).map((file) => [file, readFileSync(new URL(file, FOLDER), "utf8")]);

/** What stands below each attribute of napi that makes a function, and whether a panic in it is caught. */
function functions(text) {
  const found = [...text.matchAll(/#\[napi(\([^\]]*\))?\]\s*(?:#\[[^\]]*\]\s*)*pub (?:const )?fn (\w+)/g)];
  return found.map(([, attribute = "", name]) => ({ name, caught: attribute.includes("catch_unwind") }));
}

test("every function that JavaScript calls catches a panic", () => {
  const all = sources.flatMap(([file, text]) => functions(text).map((found) => ({ file, ...found })));
  assert.ok(all.length >= 15, `${all.length} functions found`);
  assert.deepEqual(all.filter(({ caught }) => !caught), []);
});

test("a function that does not is found", () => {
  const [found] = functions("#[napi(js_name = \"x\")]\n#[must_use]\npub fn forgotten() {}");
  assert.deepEqual(found, { name: "forgotten", caught: false });
});

test("every task runs under the guard, for no attribute catches a panic there", () => {
  let tasks = 0;
  for (const [file, text] of sources) {
    for (const [, body] of text.matchAll(/fn compute\(&mut self\)[^{]*\{([\s\S]*?)\n    \}/g)) {
      tasks += 1;
      assert.match(body, /guard\(/, file);
    }
  }
  assert.equal(tasks, 1);
});

test("a panic unwinds in every profile that this package is built with", () => {
  const manifest = readFileSync(new URL("../../../Cargo.toml", FOLDER), "utf8");
  const profiles = manifest.split(/^(?=\[)/m).filter((section) => /^\[profile\.(dev|release)\b/.test(section));
  assert.ok(profiles.length >= 2);
  for (const profile of profiles) assert.doesNotMatch(profile, /^\s*panic\s*=/m);
});
