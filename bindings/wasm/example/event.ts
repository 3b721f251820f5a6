// What a page does that reads events: the operations about the customer are in the full module.

import { call as decide } from "@stratum-trust/wasm";
import { call, init } from "@stratum-trust/wasm/full";
import { createWorker } from "@stratum-trust/wasm/full/worker";
import type { EventEmqRequest, EventEmqResponse } from "@stratum-trust/wasm/full";

await init();

export const scored = (event: EventEmqRequest["event"]): EventEmqResponse =>
  call("emq.event", { event, received_at: new Date() });

// @ts-expect-error the small module does not know it
decide("emq.event", {});

/** Many of them beside the page. */
export const all = (events: readonly EventEmqRequest["event"][]): Promise<EventEmqResponse[]> =>
  createWorker().callEach("emq.event", events.map((event) => ({ event, received_at: new Date() })));
