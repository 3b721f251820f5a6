// What a browser downloads, compressed as a server sends it.

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export const PACKAGE = new URL("../pkg/", import.meta.url);

/** The bytes of the module and of the JavaScript that loads it. */
export function sizes() {
  const names = readdirSync(PACKAGE).filter((name) => name.endsWith(".wasm") || name.endsWith(".js"));
  return names.map((name) => {
    const bytes = readFileSync(new URL(name, PACKAGE));
    return { name, bytes: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
  });
}

export const total = (list) => list.reduce((sum, { gzipped }) => sum + gzipped, 0);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const list = sizes();
  const module = list.find(({ name }) => name.endsWith(".wasm"));
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  console.log(
    `@stratum-trust/wasm: ${kilobytes(total(list))} gzipped ` +
      `(the module ${kilobytes(module.gzipped)}, ${kilobytes(module.bytes)} as it is)`,
  );
}
