import type { Operations } from "@stratum-trust/wasm/full";
import { createWorker } from "@stratum-trust/wasm/full/worker";

/** The library with the customer in it: people, journeys, funnels. It works beside the page, which stays responsive. */
export interface Customer {
  call<Name extends keyof Operations>(name: Name, request: Operations[Name]["request"], options?: { signal?: AbortSignal }): Promise<Operations[Name]["response"]>;
}

let made: Customer | undefined;

/** One worker for the page; it starts with its first work. */
export function customer(): Customer {
  if (made === undefined) {
    // The declarations of the worker name the operations of the small module; the module in it is the full one.
    const worker = createWorker() as unknown as Customer;
    made = { call: (name, request, options) => worker.call(name, request, options) };
  }
  return made;
}
