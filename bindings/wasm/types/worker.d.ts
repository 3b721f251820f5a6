import type { BatchAnswers, Columns } from "./index.js";
import type { OperationName, Operations } from "./operations.js";

export interface WorkOptions {
  /** Ends the work at once, and the promise with the reason of the signal. */
  signal?: AbortSignal;
  /** How much is done, above 0 to 1. */
  onProgress?: (done: number) => void;
}

export interface WorkerBatchOptions extends WorkOptions {
  /** The policy under which the rows are evaluated; left out: the defaults. */
  policy?: object | null;
  /** Whether the memory of typed arrays goes to the worker instead of a copy; they are empty afterwards. */
  transfer?: boolean;
}

/** A worker with an instance of its own: the page stays responsive. It works on one thing after the other. */
export interface StratumWorker {
  /** Runs an operation by its name. */
  call<Name extends OperationName>(
    name: Name,
    request: Operations[Name]["request"],
    options?: WorkOptions,
  ): Promise<Operations[Name]["response"]>;
  /** Runs an operation on one request after the other; the first that is refused ends it. */
  callEach<Name extends OperationName>(
    name: Name,
    requests: readonly Operations[Name]["request"][],
    options?: WorkOptions,
  ): Promise<Operations[Name]["response"][]>;
  /** Runs an operation over columns of equal length. */
  batch<Name extends keyof BatchAnswers>(
    name: Name,
    columns: Columns,
    options?: WorkerBatchOptions,
  ): Promise<BatchAnswers[Name]>;
  /** Ends the worker; a later call starts it again. */
  stop(): void;
}

/** Makes a worker, which starts with its first work. */
export declare function createWorker(): StratumWorker;
