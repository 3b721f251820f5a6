import type { Call, EmqBand, GateDecision, GateReason, HealthStatus, OperationName } from "./operations.js";
import type { Enforcement, Gate, Health, emq } from "./decisions.js";

export type * from "./operations.js";
export * from "./decisions.js";

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

/** An input was refused, or an operation broke inside. `problems` lists everything that is wrong. */
export declare class StratumError extends Error {
  constructor(problems: readonly Problem[], operation?: string, options?: { cause?: unknown });
  readonly name: "StratumError";
  /** The code of the first problem; `"internal"` is a bug of ours, and later calls work. */
  readonly code: string;
  readonly operation: string | undefined;
  readonly problems: readonly Problem[];
}

/** An operation as the table lists it; the schemas stand by themselves. */
export interface Operation {
  readonly name: OperationName;
  readonly doc: string;
  readonly request: Record<string, unknown>;
  readonly response: Record<string, unknown>;
  /** What the form over columns reads, where there is one. */
  readonly columns?: readonly {
    readonly name: string;
    readonly doc: string;
    readonly required: boolean;
    readonly type: "number" | "integer" | "instant" | "id" | "any" | "boolean" | "string";
    readonly values?: readonly string[];
  }[];
  /** Whether the policy names further columns. */
  readonly columns_of_the_policy?: boolean;
}

/**
 * What can be given for a column: numbers (NaN or `null` is missing), texts of a vocabulary or their positions, flags, texts
 * (a list, or parts of them in Arrow's layout), whole numbers, and instants (milliseconds since 1970, Dates, RFC 3339 texts).
 * In a list, a value of another type is refused with its row (`wrong_type`), and so is a flag that is missing (`missing_value`).
 */
export type Column =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint8Array
  | BigInt64Array
  | TextParts
  | readonly (number | bigint | string | boolean | Date | null)[];

/** Texts in one buffer: row `n` stands in `bytes` (UTF-8) from `offsets[n]` to `offsets[n + 1]`. */
export interface TextParts {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  /** A bit for each row, the lowest of a byte first: whether the row is there. Left out or empty: all are. */
  readonly valid?: Uint8Array;
}

/** Columns by name, in any case; those that the operation does not read are left alone. */
export type Columns = Readonly<Record<string, Column>>;

/** Positions in a vocabulary; 255 is none. */
export interface Codes<Word extends string> {
  readonly codes: Uint8Array;
  readonly values: readonly Word[];
}

/** Sets of a vocabulary, a bit for each position. */
export interface Sets<Word extends string> {
  readonly sets: Uint16Array;
  readonly values: readonly Word[];
}

/** The columns of an answer by name. */
export interface BatchAnswers {
  "health.evaluate": { score: Float64Array; status: Codes<HealthStatus>; coverage_pct: Float64Array };
  "gate.evaluate": { decision: Codes<GateDecision>; reason: Codes<GateReason>; reasons: Sets<GateReason> };
  "emq.event": { score: Float64Array; band: Codes<EmqBand>; refusal: Codes<string> };
}

export interface BatchOptions {
  /** The policy under which the rows are evaluated; left out: the defaults. */
  policy?: object | null;
}

/** Runs an operation by its name: an object in, an object out. */
export declare const call: Call;

/** Runs an operation by its name on JSON text. */
export declare function callJson(name: OperationName, body: string): string;

/** Every operation that the module knows; fetches their description. */
export declare function operations(): Promise<Operation[]>;

/** The document with all schemas, as text. */
export declare function schemaJson(): Promise<string>;

/** Runs an operation over columns of equal length. */
export declare function batch<Name extends keyof BatchAnswers>(
  name: Name,
  columns: Columns,
  options?: BatchOptions,
): BatchAnswers[Name];

/** The functions of this package. */
export interface Stratum {
  readonly call: Call;
  readonly callJson: typeof callJson;
  readonly operations: typeof operations;
  readonly schemaJson: typeof schemaJson;
  readonly batch: typeof batch;
  readonly Enforcement: typeof Enforcement;
  readonly Gate: typeof Gate;
  readonly Health: typeof Health;
  readonly emq: typeof emq;
}

/**
 * Fetches and compiles the module, once; `await` it before the first call. Without a source the file beside this module is
 * taken, which bundlers find, too.
 */
export declare function init(source?: URL | string | Response | BufferSource | WebAssembly.Module): Promise<Stratum>;
export default init;
