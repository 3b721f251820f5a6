// Runs in a worker of the browser.

import { init } from "./index.js";
import { answer } from "./worker-work.js";

const ready = init();

self.onmessage = ({ data }) => answer(ready, data, (message, transfer = []) => self.postMessage(message, transfer));
