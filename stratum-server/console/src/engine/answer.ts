import type { StratumError } from "@stratum-trust/wasm";

/** One thing that is wrong with a question. */
export interface Wrong {
  path: string;
  message: string;
  help?: string | undefined;
}

/** What the library answers, or all that is wrong with the question. */
export type Answer<T> = { ok: true; value: T } | { ok: false; problems: readonly Wrong[] };

/** Asks, and takes a refusal for an answer. */
export function asked<T>(ask: () => T): Answer<T> {
  try {
    return { ok: true, value: ask() };
  } catch (thrown) {
    // By its name, so that what only reads answers does not load the library.
    if (thrown instanceof Error && thrown.name === "StratumError") return { ok: false, problems: (thrown as StratumError).problems };
    throw thrown;
  }
}
