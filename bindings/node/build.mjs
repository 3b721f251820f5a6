// Compiles the package and puts the result where `lib/native.cjs` looks for it: cargo and a copy. The licences of the repository
// are copied beside it, since npm packs no links.
//
//     node build.mjs [--release]

import { spawnSync } from "node:child_process";
import { copyFileSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const release = process.argv.includes("--release");
const { fileName } = createRequire(import.meta.url)("./lib/file-name.cjs");

const build = ["build", "--quiet", "--locked", "--package", "stratum-node", ...(release ? ["--release"] : [])];
const { status } = spawnSync("cargo", build, { cwd: folder, stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

const target = process.env.CARGO_TARGET_DIR ?? join(folder, "..", "..", "target");
const library = { darwin: "libstratum_node.dylib", win32: "stratum_node.dll" }[process.platform] ?? "libstratum_node.so";
const file = join(folder, fileName());
// A copy beside it and a rename: a process that has the old file open keeps it.
copyFileSync(join(target, release ? "release" : "debug", library), `${file}.new`);
renameSync(`${file}.new`, file);
for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) copyFileSync(join(folder, "..", "..", licence), join(folder, licence));
