// A worker thread of Node.

import { Worker } from "node:worker_threads";

import { StratumWorker } from "./worker-link.js";

/** Makes a worker, which starts with its first work and does not keep the process alive by itself. */
export function createWorker() {
  return new StratumWorker((heard, failed) => {
    const worker = new Worker(new URL("./worker-thread-node.js", import.meta.url));
    // The process waits for work that was begun, and for nothing else.
    const settled = (message) => {
      if (message.progress === undefined) worker.unref();
      heard(message);
    };
    worker.on("message", settled);
    worker.on("messageerror", failed);
    worker.on("error", failed);
    return {
      postMessage(message, transfer) {
        worker.postMessage(message, transfer);
        worker.ref();
      },
      terminate: () => worker.terminate(),
    };
  });
}
