/** One thing that is wrong with an input. */
export interface Problem {
  /** Where: a JSON pointer into the input; empty for the input as a whole. */
  path: string;
  /** What kind: stable, for programs, such as `"missing_field"`. */
  code: string;
  /** What was wrong, in a sentence. */
  message: string;
  /** What to write instead, where that can be said. */
  help?: string;
}

/** An input was refused, or an operation broke inside. */
export class StratumError extends Error {
  constructor(problems: Problem[], operation?: string, options?: ErrorOptions);
  /** The code of the first problem; `"internal"` is a bug of ours, and later calls work. */
  readonly code: string;
  readonly operation: string | undefined;
  /** Everything that is wrong. */
  readonly problems: readonly Problem[];
}

/** One operation of the table. */
export interface Operation {
  name: string;
  doc: string;
  /** JSON Schemas that stand by themselves. */
  request: object;
  response: object;
  /** What the form over columns reads, where there is one. */
  columns?: { name: string; doc: string; required: boolean; type: "number" | "boolean" | "string"; values?: string[] }[];
}

/** A column of numbers (NaN or `null` is missing), of codes (as positions or texts), or of flags. */
export type Column = Float64Array | Float32Array | Uint8Array | readonly (number | string | boolean | null)[];

/** A column of an answer: numbers, positions in a vocabulary (255 is none), or sets of it with a bit for each position. */
export type AnswerColumn =
  | Float64Array
  | { codes: Uint8Array; values: string[] }
  | { sets: Uint16Array; values: string[] };

export interface Stratum {
  call(name: string, request: object): unknown;
  callJson(name: string, body: string): string;
  operations(): Operation[];
  batch(name: string, columns: Record<string, Column>, options?: { policy?: object }): Record<string, AnswerColumn>;
}

/**
 * Fetches and compiles the module, once; `await` it before the first call. Without a source the file beside this module is
 * taken, which bundlers find, too.
 */
export function init(source?: URL | string | Response | BufferSource | WebAssembly.Module): Promise<Stratum>;
export default init;

/** Runs an operation by its name: an object in, an object out. */
export function call(name: string, request: object): unknown;

/** Runs an operation by its name on JSON text. */
export function callJson(name: string, body: string): string;

/** Every operation with its JSON Schemas. */
export function operations(): Operation[];

/** Runs an operation over columns of equal length. */
export function batch(
  name: string,
  columns: Record<string, Column>,
  options?: { policy?: object },
): Record<string, AnswerColumn>;
