// Operations over columns: typed arrays in, typed arrays out.

import { refusal } from "./errors.js";
import { instanceNumber, needInstance, protect } from "./instance.js";
import * as glue from "./stratum.js";

/** So many rows cross at once: the memory of the instance stays small, and only grows. */
const ROWS_AT_ONCE = 65_536;

/**
 * Runs an operation over columns. A number that is missing is NaN (or `null` in a plain array), a code that is missing
 * or unknown is 255.
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
  const frame = protect(name, () => new glue.Frame(String(name)));
  const instance = instanceNumber();
  try {
    const given = protect(name, () => read(name, frame, columns));
    const rows = given[0]?.length ?? 0;
    const answer = {};
    if (given.some((column) => column.length !== rows)) {
      // Places of the lengths that were given are enough for the refusal.
      protect(name, () => given.forEach((column) => column.reserve(frame, column.length)));
      protect(name, () => frame.run(JSON.stringify(policy)));
    }
    const text = JSON.stringify(policy);
    let done = 0;
    do {
      if (instance !== instanceNumber()) {
        throw refusal("", "instance_lost", "the instance ended between two steps of this work", "ask again", name);
      }
      const end = Math.min(done + ROWS_AT_ONCE, rows);
      protect(name, () => {
        const places = given.map((column) => column.reserve(frame, end - done));
        // Only now, because reserving can make the memory grow.
        const { buffer } = glue.linearMemory();
        given.forEach((column, index) => column.write(buffer, places[index], done, end));
        for (const output of JSON.parse(frame.run(text))) collect(answer, output, rows, done);
      });
      done = end;
      yield rows === 0 ? 1 : done / rows;
    } while (done < rows);
    return answer;
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
  JSON.parse(frame.columns()).forEach((spec, position) => {
    const values = byName.get(spec.name.toLowerCase());
    if (values === undefined || values === null) return;
    if (!(Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView)))) {
      throw refusal(`/${spec.name}`, "wrong_type", `${spec.name} is no array`, spec.doc, name);
    }
    found.push(spec.kind === "number" ? numbers(values, position) : codes(frame, values, position, spec));
  });
  return found;
}

function numbers(values, position) {
  const plain = Array.isArray(values);
  return {
    length: values.length,
    reserve: (frame, rows) => frame.numbers(position, rows),
    write(buffer, place, start, end) {
      const target = new Float64Array(buffer, place, end - start);
      if (plain) for (let row = start; row < end; row++) target[row - start] = values[row] ?? NaN;
      else target.set(start === 0 && end === values.length ? values : values.subarray(start, end));
    },
  };
}

function codes(frame, values, position, spec) {
  const known = new Map();
  const code = (value) => {
    if (typeof value !== "string") return Number.isInteger(value) && value >= 0 && value < 255 ? value : 255;
    if (!known.has(value)) known.set(value, frame.code(position, value));
    return known.get(value);
  };
  const one = spec.kind === "flag" ? (value) => (value ? 1 : 0) : code;
  // A text that was not seen before is looked up inside, so this happens before the places are reserved.
  const ready = values instanceof Uint8Array ? values : Uint8Array.from(values, one);
  return {
    length: ready.length,
    reserve: (target, rows) => target.codes(position, rows),
    write(buffer, place, start, end) {
      new Uint8Array(buffer, place, end - start).set(ready.subarray(start, end));
    },
  };
}

const ARRAYS = { numbers: Float64Array, codes: Uint8Array, sets: Uint16Array };

/** Puts a part of one column of the answer where it belongs. */
function collect(answer, { name, kind, at, rows: part, values }, rows, done) {
  const Kind = ARRAYS[kind];
  const column = (answer[name] ??= kind === "numbers" ? new Kind(rows) : { [kind]: new Kind(rows), values });
  const target = kind === "numbers" ? column : column[kind];
  target.set(new Kind(glue.linearMemory().buffer, at, part), done);
}
