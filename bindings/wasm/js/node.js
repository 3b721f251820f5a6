// For Node, which reads the module from the disk.

import { readFile } from "node:fs/promises";

import { load } from "./instance.js";
import * as stratum from "./stratum-api.js";

export * from "./stratum-api.js";

/** Reads and compiles the module, once; the answer is the functions of this package. */
export async function init(source) {
  await load(() => source ?? readFile(new URL("./stratum_bg.wasm", import.meta.url)));
  return stratum;
}

export default init;
