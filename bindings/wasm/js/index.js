// For browsers and bundlers.

import { load } from "./instance.js";
import * as stratum from "./stratum-api.js";

export * from "./stratum-api.js";

/**
 * Fetches and compiles the module, once; the answer is the functions of this package. Bundlers find the file by the URL
 * below; give another URL, a `Response`, bytes or a compiled `WebAssembly.Module` where that does not hold.
 */
export async function init(source) {
  await load(() => source ?? new URL("./stratum_bg.wasm", import.meta.url));
  return stratum;
}

export default init;
