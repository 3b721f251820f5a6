"use strict";

const native = require("./native.cjs");
const { StratumError, checked, refusal, understood } = require("./errors.cjs");
const { written } = require("./json.cjs");
const { NOTHING, Texts, areParts, parts } = require("./texts.cjs");
const { aByteFlag, aCode, aFlag, aFlagOrNone, aNumber, aText, aWhole, anInstant, each } = require("./values.cjs");

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
 * missing or unknown is 255, a text that is missing is null. A value of another type is refused with its row.
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
  const problems = [];
  columnsOf(operation, work).forEach((column, position) => {
    const values = byName.get(column.name.toLowerCase());
    if (values === undefined || values === null) return;
    try {
      if (!Array.isArray(values) && (!ArrayBuffer.isView(values) || values instanceof DataView) && !areParts(values)) {
        throw refusal(`/${column.name}`, "wrong_type", `${column.name} is no array`, column.doc, operation);
      }
      const [kind, ...arrays] = handed(operation, values, position, column);
      given[kind][0].push(position);
      arrays.forEach((array, part) => given[kind][part + 1].push(array));
    } catch (error) {
      // What is wrong with the other columns is told with it.
      if (!(error instanceof StratumError)) throw error;
      problems.push(...error.problems);
    }
  });
  if (problems.length > 0) throw new StratumError(problems, operation);
  return [...given.numbers, ...given.codes, ...given.integers, ...given.texts];
}

function handed(operation, values, position, column) {
  switch (column.type) {
    case "number":
      return ["numbers", asNumbers(operation, values, column)];
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

function asNumbers(operation, values, column) {
  if (values instanceof Float64Array) return values;
  if (areParts(values)) throw noTexts(operation, column);
  if (ArrayBuffer.isView(values)) return Float64Array.from(values, Number);
  return each(operation, column, new Float64Array(values.length), values, aNumber);
}

/** Whole numbers and instants: numbers, BigInts, Dates, or RFC 3339 texts. */
function asWhole(operation, values, column) {
  if (values instanceof BigInt64Array) return ["integers", values];
  if (values instanceof Float64Array) return ["numbers", values];
  if (areParts(values)) return asTexts(operation, values, column);
  if (ArrayBuffer.isView(values)) return ["numbers", Float64Array.from(values, Number)];
  if (column.type === "instant" && values.some((value) => typeof value === "string")) {
    return asTexts(operation, each(operation, column, new Array(values.length), values, anInstant), column);
  }
  return ["numbers", each(operation, column, new Float64Array(values.length), values, aWhole)];
}

/** Whatever the values are. Dates go as the texts that they are written as, which are read as instants again. */
function asAny(operation, values, position, column) {
  if (areParts(values)) return asTexts(operation, values, column);
  if (ArrayBuffer.isView(values)) return asWhole(operation, values, column);
  const first = values.find((value) => value !== null && value !== undefined);
  if (typeof first === "boolean") return ["codes", each(operation, column, new Uint8Array(values.length), values, aFlagOrNone)];
  if (first instanceof Date) {
    return asTexts(operation, each(operation, column, new Array(values.length), values, anInstant), column);
  }
  if (typeof first === "string") return asTexts(operation, values, column);
  return asWhole(operation, values, column);
}

function asTexts(operation, values, column) {
  if (!areParts(values) && !Array.isArray(values)) {
    const message = `${column.name} holds what is no text`;
    throw refusal(`/${column.name}`, "wrong_type", message, `give texts, or null: ${column.doc}`, operation);
  }
  // Only where a value is no text are they looked at one by one, for the rows.
  const texts = areParts(values) ? values : parts(values) ?? parts(each(operation, column, new Array(values.length), values, aText));
  return ["texts", texts.offsets, texts.bytes, texts.valid ?? NOTHING];
}

function asCodes(operation, values, position, column) {
  if (areParts(values)) throw noTexts(operation, column);
  const made = new Uint8Array(values.length);
  if (column.type === "boolean") {
    if (!(values instanceof Uint8Array)) return each(operation, column, made, values, aFlag);
    return values.includes(255) ? each(operation, column, made, values, aByteFlag) : values;
  }
  if (values instanceof Uint8Array) return values;
  const known = new Map();
  const code = (text) => {
    if (!known.has(text)) known.set(text, native.columnCode(operation, position, text));
    return known.get(text);
  };
  return each(operation, column, made, values, aCode(code));
}

function noTexts(operation, { name, doc }) {
  return refusal(`/${name}`, "wrong_type", `${name} holds texts`, doc, operation);
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
