// Operations over columns: typed arrays in, typed arrays out.

import { StratumError, refusal } from "./errors.js";
import { instanceNumber, needInstance, protect } from "./instance.js";
import { Texts, areParts, bitsOf, parts } from "./texts.js";
import { aByteFlag, aCode, aFlag, aFlagOrNone, aNumber, aText, aWhole, anInstant, each } from "./values.js";
import * as glue from "./stratum.js";

/** So many rows cross at once: the memory of the instance stays small, and only grows. */
const ROWS_AT_ONCE = 65_536;

/**
 * Runs an operation over columns. A number that is missing is NaN (or `null` in a plain array), a code that is missing
 * or unknown is 255. A value of another type is refused with its row.
 */
export function batch(name, columns, options = {}) {
  const work = steps(name, columns, options);
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/** The same in steps, so that a worker can say how far it is; each step yields the rows that are done. */
export function* steps(name, columns, { policy = null } = {}) {
  needInstance();
  const text = JSON.stringify(policy);
  const frame = protect(name, () => new glue.Frame(String(name), text));
  const instance = instanceNumber();
  try {
    const given = protect(name, () => read(name, frame, columns));
    const rows = given[0]?.length ?? 0;
    const answer = {};
    if (given.some((column) => column.length !== rows)) {
      // Places of the lengths that were given are enough for the refusal.
      protect(name, () => given.forEach((column) => column.reserve(frame, 0, column.length)));
      protect(name, () => frame.run());
    }
    const atOnce = frame.whole() ? Infinity : ROWS_AT_ONCE;
    let done = 0;
    do {
      if (instance !== instanceNumber()) {
        throw refusal("", "instance_lost", "the instance ended between two steps of this work", "ask again", name);
      }
      const end = Math.min(done + atOnce, rows);
      protect(name, () => {
        const places = given.map((column) => column.reserve(frame, done, end));
        // Only now, because reserving can make the memory grow.
        const { buffer } = glue.linearMemory();
        given.forEach((column, index) => column.write(buffer, places[index], done, end));
        for (const output of JSON.parse(frame.run())) collect(answer, output, atOnce === Infinity ? output.rows : rows, done);
      });
      done = end;
      yield rows === 0 ? 1 : done / rows;
    } while (done < rows);
    return finished(answer);
  } finally {
    if (instance === instanceNumber()) frame.free();
  }
}

/** The columns that the operation reads, ready to be written; others of the object are left alone. */
function read(name, frame, columns) {
  if (typeof columns !== "object" || columns === null) {
    throw refusal("", "wrong_type", "columns are an object of arrays", "give { column: values }", name);
  }
  const byName = new Map(Object.entries(columns).map(([key, values]) => [key.toLowerCase(), values]));
  const found = [];
  const problems = [];
  JSON.parse(frame.columns()).forEach((spec, position) => {
    const values = byName.get(spec.name.toLowerCase());
    if (values === undefined || values === null) return;
    try {
      if (!(Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView)) || areParts(values))) {
        throw refusal(`/${spec.name}`, "wrong_type", `${spec.name} is no array`, spec.doc, name);
      }
      found.push(column(name, frame, values, position, spec));
    } catch (error) {
      // What is wrong with the other columns is told with it.
      if (!(error instanceof StratumError)) throw error;
      problems.push(...error.problems);
    }
  });
  if (problems.length > 0) throw new StratumError(problems, name);
  return found;
}

function column(name, frame, values, position, spec) {
  switch (spec.kind) {
    case "number":
      if (areParts(values)) throw noTexts(name, spec);
      return numbers(Array.isArray(values) ? each(name, spec, new Float64Array(values.length), values, aNumber) : floats(values), position);
    case "any":
      return anything(name, frame, values, position, spec);
    case "id":
      // Ids that are all numbers go as numbers.
      if (ArrayBuffer.isView(values) || (Array.isArray(values) && values.every((value) => typeof value !== "string"))) {
        return column(name, frame, values, position, { ...spec, kind: "integer" });
      }
      return texts(name, values, position, spec);
    case "text":
      return texts(name, values, position, spec);
    case "integer":
    case "instant":
      if (areParts(values)) return texts(name, values, position, spec);
      if (!Array.isArray(values)) return numbers(floats(values), position);
      if (spec.kind === "instant" && values.some((value) => typeof value === "string")) {
        return texts(name, each(name, spec, new Array(values.length), values, anInstant), position, spec);
      }
      return numbers(each(name, spec, new Float64Array(values.length), values, aWhole), position);
  }
  if (spec.kind === "flag") return flags(name, values, position, spec);
  return areParts(values) ? texts(name, values, position, spec) : codes(name, frame, values, position, spec);
}

/** Whatever the values are. Dates go as the texts that they are written as, which are read as instants again. */
function anything(name, frame, values, position, spec) {
  if (areParts(values)) return texts(name, values, position, spec);
  const as = (kind) => column(name, frame, values, position, { ...spec, kind });
  if (ArrayBuffer.isView(values)) return as("integer");
  const first = values.find((value) => value !== null && value !== undefined);
  if (typeof first === "boolean") return bytes(each(name, spec, new Uint8Array(values.length), values, aFlagOrNone), position);
  if (first instanceof Date) return texts(name, each(name, spec, new Array(values.length), values, anInstant), position, spec);
  return typeof first === "string" ? as("text") : as("integer");
}

/** A typed array as one of numbers. */
const floats = (values) => (values instanceof Float64Array ? values : Float64Array.from(values, Number));

function noTexts(operation, { name, doc }) {
  return refusal(`/${name}`, "wrong_type", `${name} holds texts`, doc, operation);
}

/** Texts, of which each part of the rows is written with offsets of its own. */
function texts(name, values, position, spec) {
  if (!areParts(values) && !Array.isArray(values)) {
    const help = `give texts, or null: ${spec.doc}`;
    throw refusal(`/${spec.name}`, "wrong_type", `${spec.name} holds what is no text`, help, name);
  }
  // Only where a value is no text are they looked at one by one, for the rows.
  const made = areParts(values) ? values : parts(values) ?? parts(each(name, spec, new Array(values.length), values, aText));
  const { offsets, bytes, valid } = made;
  return {
    length: Math.max(offsets.length - 1, 0),
    reserve: (frame, start, end) =>
      frame.texts(position, end - start, (offsets[end] ?? 0) - (offsets[start] ?? 0), valid?.length ? (end - start + 7) >> 3 : 0),
    write(buffer, [atOffsets, atBytes, atValid], start, end) {
      const from = offsets[start] ?? 0;
      const target = new Int32Array(buffer, atOffsets, end - start + 1);
      for (let row = start; row <= end; row++) target[row - start] = (offsets[row] ?? 0) - from;
      const part = bytes.subarray(from, offsets[end] ?? 0);
      new Uint8Array(buffer, atBytes, part.length).set(part);
      if (valid?.length) {
        const bits = bitsOf(valid, start, end);
        new Uint8Array(buffer, atValid, bits.length).set(bits);
      }
    },
  };
}

function numbers(values, position) {
  return {
    length: values.length,
    reserve: (frame, start, end) => frame.numbers(position, end - start),
    write(buffer, place, start, end) {
      const target = new Float64Array(buffer, place, end - start);
      target.set(start === 0 && end === values.length ? values : values.subarray(start, end));
    },
  };
}

function flags(name, values, position, spec) {
  if (areParts(values)) throw noTexts(name, spec);
  if (values instanceof Uint8Array && !values.includes(255)) return bytes(values, position);
  return bytes(each(name, spec, new Uint8Array(values.length), values, values instanceof Uint8Array ? aByteFlag : aFlag), position);
}

function codes(name, frame, values, position, spec) {
  if (values instanceof Uint8Array) return bytes(values, position);
  const known = new Map();
  const code = (text) => {
    if (!known.has(text)) known.set(text, frame.code(position, text));
    return known.get(text);
  };
  // A text that was not seen before is looked up inside, so this happens before the places are reserved.
  return bytes(each(name, spec, new Uint8Array(values.length), values, aCode(code)), position);
}

function bytes(ready, position) {
  return {
    length: ready.length,
    reserve: (frame, start, end) => frame.codes(position, end - start),
    write(buffer, place, start, end) {
      new Uint8Array(buffer, place, end - start).set(ready.subarray(start, end));
    },
  };
}

const ARRAYS = { numbers: Float64Array, flags: Uint8Array, codes: Uint8Array, sets: Uint16Array };

/** Puts a part of one column of the answer where it belongs. */
function collect(answer, { table, name, kind, at, rows: part, values, bytes, valid }, rows, done) {
  const columns = table === "" ? answer : ((answer.tables ??= {})[table] ??= {});
  const { buffer } = glue.linearMemory();
  if (kind === "texts") {
    const column = (columns[name] ??= new Texts.Parts());
    column.append(new Int32Array(buffer, at, part + 1), new Uint8Array(buffer, ...bytes), new Uint8Array(buffer, ...valid));
    return;
  }
  const Kind = ARRAYS[kind];
  const plain = kind === "numbers" || kind === "flags";
  const column = (columns[name] ??= plain ? new Kind(rows) : { [kind]: new Kind(rows), values });
  const target = plain ? column : column[kind];
  target.set(new Kind(buffer, at, part), done);
}

/** The answer with its texts as they are used. */
function finished(answer) {
  for (const [name, column] of Object.entries(answer)) {
    if (name === "tables") Object.values(column).forEach(finished);
    else if (column instanceof Texts.Parts) answer[name] = column.whole();
  }
  return answer;
}
