"use strict";

const native = require("./native.cjs");
const { checked, refusal, understood } = require("./errors.cjs");
const { written } = require("./json.cjs");

/** The columns that each operation reads. */
let specifications;

function columnsOf(operation) {
  specifications ??= new Map(JSON.parse(native.schemaJson()).operations.map(({ name, columns }) => [name, columns ?? []]));
  // Without any the compiled part refuses the operation, and says which have a form over columns.
  return specifications.get(operation) ?? [];
}

/**
 * Runs an operation over columns of equal length. A number that is missing is NaN (or null in a plain list), a code that is
 * missing or unknown is 255.
 */
function batch(operation, columns, { policy = null } = {}) {
  const given = read(operation, columns);
  const text = written(policy, operation);
  return checked(operation, () => new native.Batch(operation, text).run(...given));
}

/**
 * The same beside the main thread, on a copy of the columns. `onProgress` hears of the share that is done, 1 at the end;
 * when `signal` is aborted the work ends early and the promise is rejected with the signal's reason.
 */
async function batchAsync(operation, columns, { policy = null, signal, onProgress } = {}) {
  signal?.throwIfAborted();
  const given = read(operation, columns);
  const text = written(policy, operation);
  const work = checked(operation, () => new native.Batch(operation, text));
  const abort = () => work.cancel();
  let over = false;
  let broken;
  // An exception of the caller's own function would end the process if it were thrown where it is called from.
  const tell = (share) => {
    if (over || signal?.aborted) return;
    try {
      onProgress(share);
    } catch (error) {
      broken = { error };
      over = true;
      abort();
    }
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const answer = await work.runBeside(...given, onProgress && tell);
    if (broken) throw broken.error;
    signal?.throwIfAborted();
    over = true;
    onProgress?.(1);
    return answer;
  } catch (error) {
    over = true;
    if (broken) throw broken.error;
    if (signal?.aborted) throw signal.reason;
    throw understood(error, operation);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** The columns that the operation reads, as numbers and codes with their positions; others of the object are left alone. */
function read(operation, columns) {
  if (typeof columns !== "object" || columns === null) {
    throw refusal("", "wrong_type", "columns are an object of arrays", "give { column: values }", operation);
  }
  const byName = new Map(Object.entries(columns).map(([name, values]) => [name.toLowerCase(), values]));
  const numbers = [[], []];
  const codes = [[], []];
  columnsOf(operation).forEach((column, position) => {
    const values = byName.get(column.name.toLowerCase());
    if (values === undefined || values === null) return;
    if (!Array.isArray(values) && (!ArrayBuffer.isView(values) || values instanceof DataView)) {
      throw refusal(`/${column.name}`, "wrong_type", `${column.name} is no array`, column.doc, operation);
    }
    const [positions, arrays] = column.type === "number" ? numbers : codes;
    positions.push(position);
    arrays.push(column.type === "number" ? asNumbers(values) : asCodes(operation, values, position, column));
  });
  return [...numbers, ...codes];
}

function asNumbers(values) {
  if (values instanceof Float64Array) return values;
  return Float64Array.from(values, (value) => value ?? NaN);
}

function asCodes(operation, values, position, { type }) {
  if (values instanceof Uint8Array) return values;
  if (type === "boolean") return Uint8Array.from(values, (value) => (value ? 1 : 0));
  const known = new Map();
  return Uint8Array.from(values, (value) => {
    if (typeof value !== "string") return Number.isInteger(value) && value >= 0 && value < 255 ? value : 255;
    if (!known.has(value)) known.set(value, native.columnCode(operation, position, value));
    return known.get(value);
  });
}

module.exports = { batch, batchAsync };
