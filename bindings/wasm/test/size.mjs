// What a browser downloads, compressed as a server sends it.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export const PACKAGE = new URL("../pkg/", import.meta.url);

/** The modules of the package: the folder of each, and by which name it is imported. */
export const MODULES = { "@stratum-trust/wasm": "./", "@stratum-trust/wasm/full": "./full/" };

/** The bytes of a module and of the JavaScript that a page loads with it: what it imports, one after the other. */
export function sizes(folder) {
  const from = new URL(folder, PACKAGE);
  const scripts = new Set([new URL("index.js", from).href]);
  for (const script of scripts) {
    const imports = readFileSync(new URL(script), "utf8").matchAll(/^(?:import|export)\b[^;]*?from\s*"(\.[^"]+)"/gm);
    for (const [, path] of imports) scripts.add(new URL(path, script).href);
  }
  return [...scripts, new URL("stratum_bg.wasm", from).href].map((url) => {
    const bytes = readFileSync(new URL(url));
    return { name: url.slice(PACKAGE.href.length), bytes: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
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
