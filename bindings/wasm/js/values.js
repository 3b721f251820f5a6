// What single values of a plain list are taken for; what they are not is refused with its row, and never guessed.

import { StratumError } from "./errors.js";

/** So many wrong rows of a column are told at once, as the compiled part does it. */
const SHOWN = 10;
/** What a reader of values says of one that is of another type, and of one that is missing where none may be. */
const WRONG = Symbol("wrong");
const MISSING = Symbol("missing");

/** Puts what `read` makes of each value into `made`; the rows whose values it refuses are told together. */
export function each(operation, { name, doc }, made, values, read) {
  const problems = [];
  for (let row = 0; row < values.length && problems.length < SHOWN; row += 1) {
    const value = read(values[row]);
    if (value !== WRONG && value !== MISSING) {
      made[row] = value;
      continue;
    }
    const path = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}/${row}`;
    problems.push(
      value === WRONG
        ? { path, code: "wrong_type", message: `${name} holds ${kindOf(values[row])} in row ${row}`, help: doc }
        : { path, code: "missing_value", message: `${name} is neither true nor false in row ${row}`, help: FLAG_HELP },
    );
  }
  if (problems.length > 0) throw new StratumError(problems, operation);
  return made;
}

const FLAG_HELP = "fill missing flags with what you know; true is the careful answer";

/** Never the value itself: it can be somebody's. */
function kindOf(value) {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : "a Date";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** A number; NaN where it is missing. */
export function aNumber(value) {
  if (value === null || value === undefined) return NaN;
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : WRONG;
}

/** A whole number or an instant as a number; NaN where it is missing. */
export function aWhole(value) {
  if (!(value instanceof Date)) return aNumber(value);
  return Number.isNaN(value.getTime()) ? WRONG : value.getTime();
}

/** A flag that every row needs, as 0 or 1. Of numbers, what is not nothing is set. */
export function aFlag(value) {
  if (typeof value === "boolean") return value ? 1 : 0;
  const number = aNumber(value);
  if (number === WRONG) return WRONG;
  return Number.isNaN(number) ? MISSING : number === 0 ? 0 : 1;
}

/** Flags that are bytes already. */
export function aByteFlag(value) {
  return value === 255 ? MISSING : value;
}

/** A flag that may be missing, which is 255. */
export function aFlagOrNone(value) {
  if (value === null || value === undefined) return 255;
  return typeof value === "boolean" ? (value ? 1 : 0) : WRONG;
}

/** The code of a text or a position; 255 for none. `code` knows the texts. */
export const aCode = (code) => (value) => {
  if (typeof value === "string") return code(value);
  if (typeof value === "boolean" || (typeof value === "object" && value !== null)) return WRONG;
  return Number.isInteger(value) && value >= 0 && value < 255 ? value : 255;
};

/** A text, as which whole numbers go too; null where it is missing. */
export function aText(value) {
  if (value === null || value === undefined) return null;
  return typeof value === "string" || typeof value === "bigint" || Number.isSafeInteger(value) ? value : WRONG;
}

/** The same of instants, which can be Dates. */
export function anInstant(value) {
  if (!(value instanceof Date)) return aText(value);
  return Number.isNaN(value.getTime()) ? WRONG : value.toISOString();
}
