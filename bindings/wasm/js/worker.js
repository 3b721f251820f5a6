// A worker in the browser. Bundlers find its file by the URL below.

import { StratumWorker } from "./worker-link.js";

/** Makes a worker, which starts with its first work. */
export function createWorker() {
  return new StratumWorker((heard, failed) => {
    const worker = new Worker(new URL("./worker-thread.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => heard(data);
    worker.onmessageerror = () => failed(new Error("an answer of the worker could not be read"));
    worker.onerror = (event) => failed(event.error ?? new Error(event.message || "the worker did not start"));
    return worker;
  });
}
