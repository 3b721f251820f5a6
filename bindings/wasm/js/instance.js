// The one instance of the module, and a fresh one after a trap.

import start, * as glue from "./stratum.js";
import { StratumError, refusal } from "./errors.js";
import { takeLastWords } from "./panics.js";

/** The operations by name, each with its position in the table; empty until the module is there. */
const positions = new Map();

let loading;
let instances = 0;

/** Which instance this is: what belongs to an earlier one must not be used any more. */
export function instanceNumber() {
  return instances;
}

/** Loads the module once, whoever asks and however often. */
export function load(find) {
  loading ??= Promise.resolve(find())
    .then((source) => start({ module_or_path: source }))
    .then(() => glue.operationNames().forEach((name, position) => positions.set(name, position)))
    .catch((error) => {
      loading = undefined;
      throw error;
    });
  return loading;
}

/** The position of an operation in the table. */
export function positionOf(name) {
  const position = positions.get(name);
  if (position !== undefined) return position;
  needInstance();
  throw refused(protect(String(name), () => glue.refuseName(String(name))), String(name));
}

/** Whether the module has this operation. */
export function isKnown(name) {
  return positions.has(name);
}

export function isReady() {
  return positions.size > 0;
}

export function needInstance() {
  if (!isReady()) {
    throw refusal("", "not_ready", "the module is not loaded yet", "`await init()` once, before the first call");
  }
}

/** Runs something inside the instance. */
export function protect(operation, inside) {
  try {
    return inside();
  } catch (thrown) {
    throw translate(operation, thrown);
  }
}

/** The problems that came out of the instance as text. */
export function refused(problems, operation) {
  return new StratumError(JSON.parse(problems), operation);
}

/**
 * What was thrown inside, as an error for the user. After a trap the instance is not to be trusted, so a fresh one is
 * made: later calls work.
 */
export function translate(operation, thrown) {
  // The glue throws the error text of a Rust function as a plain string.
  if (typeof thrown === "string") return refused(thrown, operation);
  if (!(thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError)) return thrown;
  const said = takeLastWords() || thrown.message;
  glue.__wbg_reset_state();
  instances += 1;
  listeners.forEach((forget) => forget());
  return refusal(
    "",
    "internal",
    `${operation} broke inside: ${said}`,
    "this is a bug of ours: please report it with the request; later calls are not affected",
    operation,
    { cause: thrown },
  );
}

const listeners = [];

/** Says that something refers to the memory of the instance, and must be forgotten with it. */
export function onFreshInstance(forget) {
  listeners.push(forget);
}
