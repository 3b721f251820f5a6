// Runs in a worker thread of Node.

import { parentPort } from "node:worker_threads";

import { init } from "./node.js";
import { answer } from "./worker-work.js";

const ready = init();

parentPort.on("message", (data) => answer(ready, data, (message, transfer) => parentPort.postMessage(message, transfer)));
