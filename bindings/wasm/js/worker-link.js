// Long work in a worker: one piece after the other, with progress, and ended at once where nobody wants it any more.

import { StratumError, refusal } from "./errors.js";

/** The same operations as in the page, each a promise. `start` makes a worker. */
export class StratumWorker {
  #start;
  #worker;
  #queue = [];
  #running;

  constructor(start) {
    this.#start = start;
  }

  /** Runs an operation by its name. */
  call(name, request, options) {
    return this.#ask({ kind: "call", name, request }, options);
  }

  /** Runs an operation on one request after the other. */
  callEach(name, requests, options) {
    return this.#ask({ kind: "callEach", name, requests }, options);
  }

  /** Runs an operation over columns; with `transfer` their memory goes to the worker instead of a copy. */
  batch(name, columns, { policy, transfer = false, ...options } = {}) {
    const buffers = transfer ? Object.values(columns).map((column) => column?.buffer) : [];
    return this.#ask({ kind: "batch", name, columns, policy }, options, buffersOf(buffers));
  }

  /** Ends the worker; what was not answered is refused. A later call starts it again. */
  stop() {
    const reason = refusal("", "stopped", "the worker was stopped", "ask again, which starts it again");
    const waiting = this.#running ? [this.#running, ...this.#queue] : this.#queue;
    this.#queue = [];
    this.#end();
    for (const { settle, reject } of waiting) settle(() => reject(reason));
  }

  #ask(message, { signal, onProgress } = {}, transfer = []) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => this.#abort(work);
      const settle = (how) => {
        signal?.removeEventListener("abort", abort);
        how();
      };
      const work = { message, transfer, onProgress, signal, resolve, reject, settle };
      signal?.addEventListener("abort", abort);
      this.#queue.push(work);
      this.#next();
    });
  }

  /** Work cannot be interrupted from inside, so the worker ends with it. */
  #abort(work) {
    if (this.#running === work) this.#end();
    else this.#queue = this.#queue.filter((other) => other !== work);
    work.settle(() => work.reject(work.signal.reason));
    this.#next();
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#running = undefined;
  }

  #next() {
    if (this.#running || this.#queue.length === 0) return;
    this.#running = this.#queue.shift();
    const work = this.#running;
    try {
      this.#worker ??= this.#begin();
      this.#worker.postMessage(work.message, work.transfer);
    } catch (error) {
      // What cannot be copied to a worker, such as a function.
      this.#running = undefined;
      work.settle(() => work.reject(error));
      this.#next();
    }
  }

  #begin() {
    // What a worker said before it was ended can arrive after that, and belongs to nobody.
    const begun = this.#start(
      (answer) => begun === this.#worker && this.#heard(answer),
      (error) => begun === this.#worker && this.#failed(error),
    );
    return begun;
  }

  #heard({ progress, answer, problems, operation, broken }) {
    const work = this.#running;
    if (work === undefined) return;
    if (progress !== undefined) {
      this.#told(work, progress);
      return;
    }
    this.#running = undefined;
    if (problems) work.settle(() => work.reject(new StratumError(problems, operation)));
    else if (broken) work.settle(() => work.reject(broken));
    else work.settle(() => work.resolve(answer));
    this.#next();
  }

  /** What the caller's own function throws ends its work, not the page. */
  #told(work, progress) {
    try {
      work.onProgress?.(progress);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The worker itself did not start or died, or nobody wants its answer any more. */
  #failed(error) {
    const work = this.#running;
    this.#end();
    work?.settle(() => work.reject(error));
    this.#next();
  }
}

function buffersOf(buffers) {
  return [...new Set(buffers.filter((buffer) => buffer instanceof ArrayBuffer))];
}
