"use strict";

const native = require("./native.cjs");
const { checked, refusal, understood } = require("./errors.cjs");
const { written } = require("./json.cjs");
const { NOTHING, Texts, areParts, parts } = require("./texts.cjs");

/** The columns that each operation reads, and whether its policy names further ones. */
let specifications;

function columnsOf(operation, work) {
  specifications ??= new Map(JSON.parse(native.schemaJson()).operations.map((entry) => [entry.name, entry]));
  const entry = specifications.get(operation);
  if (entry?.columns_of_the_policy) return JSON.parse(work.columns());
  // Without any the compiled part refuses the operation, and says which have a form over columns.
  return entry?.columns ?? [];
}

/**
 * Runs an operation over columns of equal length. A number that is missing is NaN (or null in a plain list), a code that is
 * missing or unknown is 255, a text that is missing is null.
 */
function batch(operation, columns, { policy = null } = {}) {
  const text = written(policy, operation);
  const work = checked(operation, () => new native.Batch(operation, text));
  const given = read(operation, columns, work);
  return finished(checked(operation, () => work.run(...given)));
}

/**
 * The same beside the main thread, on a copy of the columns. `onProgress` hears of the share that is done, 1 at the end;
 * when `signal` is aborted the work ends early and the promise is rejected with the signal's reason.
 */
async function batchAsync(operation, columns, { policy = null, signal, onProgress } = {}) {
  signal?.throwIfAborted();
  const text = written(policy, operation);
  const work = checked(operation, () => new native.Batch(operation, text));
  const given = read(operation, columns, work);
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
    const answer = finished(await work.runBeside(...given, onProgress && tell));
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

/** The columns that the operation reads, with their positions, by how they are handed over; others are left alone. */
function read(operation, columns, work) {
  if (typeof columns !== "object" || columns === null) {
    throw refusal("", "wrong_type", "columns are an object of arrays", "give { column: values }", operation);
  }
  const byName = new Map(Object.entries(columns).map(([name, values]) => [name.toLowerCase(), values]));
  const given = { numbers: [[], []], codes: [[], []], integers: [[], []], texts: [[], [], [], []] };
  columnsOf(operation, work).forEach((column, position) => {
    const values = byName.get(column.name.toLowerCase());
    if (values === undefined || values === null) return;
    if (!Array.isArray(values) && (!ArrayBuffer.isView(values) || values instanceof DataView) && !areParts(values)) {
      throw refusal(`/${column.name}`, "wrong_type", `${column.name} is no array`, column.doc, operation);
    }
    const [kind, ...arrays] = handed(operation, values, position, column);
    given[kind][0].push(position);
    arrays.forEach((array, part) => given[kind][part + 1].push(array));
  });
  return [...given.numbers, ...given.codes, ...given.integers, ...given.texts];
}

function handed(operation, values, position, column) {
  switch (column.type) {
    case "number":
      return ["numbers", asNumbers(values)];
    case "any":
      return asAny(operation, values, position, column);
    case "id":
      // Ids that are all numbers go as numbers.
      if (ArrayBuffer.isView(values)) return asWhole(operation, values, column);
      if (Array.isArray(values) && values.every((value) => typeof value !== "string")) return asWhole(operation, values, column);
      return asTexts(operation, values, column);
    case "integer":
    case "instant":
      return asWhole(operation, values, column);
    case "string":
      if (!column.values) return asTexts(operation, values, column);
      if (areParts(values)) return asTexts(operation, values, column);
  }
  return ["codes", asCodes(operation, values, position, column)];
}

function asNumbers(values) {
  if (values instanceof Float64Array) return values;
  return Float64Array.from(values, (value) => value ?? NaN);
}

/** Whole numbers and instants: numbers, BigInts, Dates, or RFC 3339 texts. */
function asWhole(operation, values, column) {
  if (values instanceof BigInt64Array) return ["integers", values];
  if (values instanceof Float64Array) return ["numbers", values];
  if (areParts(values)) return asTexts(operation, values, column);
  if (ArrayBuffer.isView(values)) return ["numbers", Float64Array.from(values, Number)];
  if (column.type === "instant" && values.some((value) => typeof value === "string")) {
    const text = (value) => (value instanceof Date ? value.toISOString() : value);
    return asTexts(operation, values.map(text), column);
  }
  const number = (value) => {
    if (value === null || value === undefined) return NaN;
    if (typeof value === "number" || typeof value === "bigint" || value instanceof Date) return Number(value);
    throw refusal(`/${column.name}`, "wrong_type", `${column.name} holds a ${typeof value}`, column.doc, operation);
  };
  return ["numbers", Float64Array.from(values, number)];
}

/** Whatever the values are. Dates go as the texts that they are written as, which are read as instants again. */
function asAny(operation, values, position, column) {
  if (areParts(values)) return asTexts(operation, values, column);
  if (ArrayBuffer.isView(values)) return asWhole(operation, values, column);
  const first = values.find((value) => value !== null && value !== undefined);
  if (typeof first === "boolean") {
    return ["codes", Uint8Array.from(values, (value) => (value === true ? 1 : value === false ? 0 : 255))];
  }
  if (first instanceof Date) return asTexts(operation, values.map((value) => value?.toISOString() ?? null), column);
  if (typeof first === "string") return asTexts(operation, values, column);
  return asWhole(operation, values, column);
}

function asTexts(operation, values, column) {
  const texts = areParts(values) ? values : parts(values);
  if (texts === undefined) {
    const message = `${column.name} holds what is no text`;
    throw refusal(`/${column.name}`, "wrong_type", message, `give texts, or null: ${column.doc}`, operation);
  }
  return ["texts", texts.offsets, texts.bytes, texts.valid ?? NOTHING];
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

/** The answer with its texts as they are used. */
function finished(answer) {
  for (const [name, column] of Object.entries(answer)) {
    if (name === "tables") Object.values(column).forEach(finished);
    else if (areParts(column)) answer[name] = new Texts(column);
  }
  return answer;
}

module.exports = { Texts, batch, batchAsync };
