// What a browser downloads, compressed as a server sends it.

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export const PACKAGE = new URL("../pkg/", import.meta.url);

/** The modules of the package: the folder of each, and by which name it is imported. */
export const MODULES = { "@stratum-trust/wasm": "./", "@stratum-trust/wasm/full": "./full/" };

/** The bytes of a module and of the JavaScript that loads it. */
export function sizes(folder) {
  const from = new URL(folder, PACKAGE);
  const names = readdirSync(from).filter((name) => name.endsWith(".wasm") || name.endsWith(".js"));
  return names.map((name) => {
    const bytes = readFileSync(new URL(name, from));
    return { name, bytes: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
  });
}

export const total = (list) => list.reduce((sum, { gzipped }) => sum + gzipped, 0);

/** A line about each module. */
export function report() {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  return Object.entries(MODULES).map(([name, folder]) => {
    const list = sizes(folder);
    const module = list.find((file) => file.name.endsWith(".wasm"));
    return `${name}: ${kilobytes(total(list))} gzipped (the module ${kilobytes(module.gzipped)}, ${kilobytes(module.bytes)} as it is)`;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(report().join("\n"));
