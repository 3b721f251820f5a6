// Operations by name: JSON in, JSON out.

import { refusal } from "./errors.js";
import { isKnown, needInstance, onFreshInstance, positionOf, protect, refused, translate } from "./instance.js";
import * as glue from "./stratum.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The instance's memory as bytes; another object after it has grown. */
let bytes = new Uint8Array();
let memory;
/** Where a request is written, and how many bytes have room there. */
let place = 0;
let room = 0;

/** A larger buffer is given back after the call, which `src/text.rs` does by the same number. */
const KEPT = 1 << 20;

onFreshInstance(() => {
  memory = undefined;
  room = 0;
});

function fresh() {
  memory ??= glue.linearMemory();
  if (bytes.buffer !== memory.buffer) bytes = new Uint8Array(memory.buffer);
  return bytes;
}

/** Runs an operation by its name on JSON text. */
export function callJson(name, body) {
  return answer(name, positionOf(name), String(body));
}

/** Runs an operation by its name, an object in and an object out, by way of JSON text. */
export function callByText(name, request) {
  const position = positionOf(name);
  return JSON.parse(answer(name, position, asText(name, request)));
}

function answer(name, position, body) {
  try {
    // A character takes at most three bytes.
    if (body.length * 3 > room) {
      room = Math.max(body.length * 3, 4096);
      place = glue.requestBuffer(room);
    }
    const { written } = encoder.encodeInto(body, fresh().subarray(place, place + room));
    const length = glue.run(position, written);
    if (room > KEPT) room = 0;
    const start = glue.answerAt();
    const text = decoder.decode(fresh().subarray(start, start + Math.abs(length)));
    if (length >= 0) return text;
    throw refused(text, name);
  } catch (thrown) {
    throw translate(name, thrown);
  }
}

/** JSON has no NaN and no infinity, and JavaScript writes `null` for them, which would mean "not measured". */
export function asText(name, request) {
  let text;
  try {
    text = JSON.stringify(request);
  } catch (thrown) {
    const help = "use plain objects, lists, text, finite numbers, booleans and Dates";
    throw refusal("", "wrong_type", `this has no form in JSON: ${thrown.message}`, help, name, { cause: thrown });
  }
  if (text === undefined) {
    const help = "see the JSON Schema in `operations()`";
    throw refusal("", "wrong_type", `a request is an object, not ${typeof request}`, help, name);
  }
  // Only a text with a `null` can hide one.
  if (text.includes("null") && holdsBrokenNumber(request)) {
    const problems = [];
    numbersOnly(request, "", problems);
    if (problems.length > 0) throw refused(JSON.stringify(problems), name);
  }
  return text;
}

/**
 * Whether a number that JSON cannot write stands anywhere. Most requests with a `null` mean it, so this only looks; the
 * place of a broken number is found by a second walk. It may see inherited fields, which the second walk then passes over.
 */
function holdsBrokenNumber(value) {
  if (typeof value === "number") return value - value !== 0;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) {
    for (let item = 0; item < value.length; item += 1) if (holdsBrokenNumber(value[item])) return true;
    return false;
  }
  for (const key in value) if (holdsBrokenNumber(value[key])) return true;
  return false;
}

function numbersOnly(value, path, problems) {
  if (typeof value === "number" && !Number.isFinite(value)) {
    problems.push({
      path,
      code: "not_a_number",
      message: "a request holds finite numbers only",
      help: "write null for what was not measured",
    });
  } else if (typeof value === "object" && value !== null && typeof value.toJSON !== "function") {
    for (const [key, member] of Object.entries(value)) {
      const step = key.replaceAll("~", "~0").replaceAll("/", "~1");
      numbersOnly(member, `${path}/${step}`, problems);
    }
  }
}

/** Every operation: name, doc, the JSON Schemas of request and response, and the columns of the form over columns. */
export async function operations() {
  const { operations: listed, $defs } = await schema();
  return listed.map((operation) => ({
    ...operation,
    request: { ...operation.request, $defs },
    response: { ...operation.response, $defs },
  }));
}

/** The document with all schemas, as text. */
export async function schemaJson() {
  return JSON.stringify(await schema());
}

/** A file of its own, which nobody downloads who does not ask; it knows more operations than the small module. */
async function schema() {
  needInstance();
  const { default: written } = await import("./schema.js");
  return { ...written, operations: written.operations.filter(({ name }) => isKnown(name)) };
}

/** Breaks inside on purpose, so that a test can see what becomes of it. */
export function breakForTests(how) {
  protect("test.break", () => (how === "overflow" ? glue.overflowForTests(0) : glue.panicForTests()));
}

/** How large the instance is, so that a test can see that nothing is left behind. */
export function memoryBytes() {
  return glue.linearMemory().buffer.byteLength;
}
