// The examples of the README, run in order as one program.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

test("the README says what happens", () => {
  const text = readFileSync(join(PACKAGE, "README.md"), "utf8");
  const blocks = [...text.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, block]) => block);
  assert.ok(blocks.length >= 4);
  assert.ok(blocks[0].split("\n").filter((line) => line.trim() !== "").length <= 11, "ten lines and the import");
  const folder = mkdtempSync(join(tmpdir(), "stratum-"));
  try {
    // As a user has it: a package among the modules of a program.
    mkdirSync(join(folder, "node_modules/@stratum-trust"), { recursive: true });
    symlinkSync(PACKAGE, join(folder, "node_modules/@stratum-trust/node"), "dir");
    writeFileSync(join(folder, "program.mjs"), blocks.join("\n"));
    const { status, stderr } = spawnSync(process.execPath, ["program.mjs"], { cwd: folder, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
