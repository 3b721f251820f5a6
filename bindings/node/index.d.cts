import type { Call, OperationName } from "./types/operations.js";

export type * from "./types/operations.js";
export * from "./types/decisions.js";

/** One thing that is wrong with an input. */
export interface Problem {
  /** Where: a JSON pointer into the input; empty for the input as a whole. */
  readonly path: string;
  /** What kind: stable, for programs, such as `"missing_field"`. */
  readonly code: string;
  /** What was wrong, in a sentence. */
  readonly message: string;
  /** What to write instead, where that can be said. */
  readonly help?: string;
}

/** An input was refused. `problems` lists everything that is wrong with it. */
export declare class StratumError extends Error {
  constructor(problems: readonly Problem[]);
  readonly name: "StratumError";
  readonly problems: readonly Problem[];
}

/** Runs an operation by its name: an object in, an object out. */
export declare const call: Call;

/** Runs an operation by its name on JSON text. */
export declare function callJson(name: OperationName, body: string): string;

/** An operation as the table lists it; the schemas stand by themselves. */
export interface Operation {
  readonly name: OperationName;
  readonly doc: string;
  readonly request: Record<string, unknown>;
  readonly response: Record<string, unknown>;
  readonly columns?: readonly {
    readonly name: string;
    readonly doc: string;
    readonly required: boolean;
    readonly type: "number" | "boolean" | "string";
    readonly values?: readonly string[];
  }[];
}

/** Every operation. */
export declare function operations(): Operation[];

/** The document with all schemas, as text. */
export declare function schemaJson(): string;
