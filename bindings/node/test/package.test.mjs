// What somebody gets who installs the package.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("..", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("package.json", FOLDER), "utf8"));

test("the package may be published, and holds both licences, the native part and every file that it names", () => {
  assert.equal(manifest.private, undefined);
  const { stdout, stderr } = spawnSync("npm pack --dry-run --json --ignore-scripts --offline", { cwd: FOLDER, encoding: "utf8", shell: true });
  assert.notEqual(stdout, "", stderr);
  const files = JSON.parse(stdout)[0].files.map(({ path }) => path);
  const named = Object.values(manifest.exports).flatMap(function every(value) {
    return typeof value === "string" ? [value.slice(2)] : Object.values(value).flatMap(every);
  });
  for (const file of ["LICENSE-MIT", "LICENSE-APACHE", "README.md", ...named]) assert.ok(files.includes(file), `${file}: ${files}`);
  assert.ok(files.some((file) => file.endsWith(".node")));
  assert.deepEqual(files.filter((file) => /^(src|test|example)\//.test(file)), []);
});
