"use strict";

const { refusal } = require("./errors.cjs");

/**
 * The JSON text of a request. `JSON.stringify` writes NaN and infinity as `null`, which would make a broken number a
 * missing one: they are refused, with their place.
 */
function written(request, operation) {
  let text;
  try {
    text = JSON.stringify(request);
  } catch (error) {
    const help = "use plain objects, lists, text, finite numbers, booleans and Dates";
    throw refusal("", "wrong_type", `this has no form in JSON: ${error.message}`, help, operation);
  }
  if (text === undefined) {
    const help = "see the JSON Schema in `operations()`";
    throw refusal("", "wrong_type", `a request is an object, not ${typeof request}`, help, operation);
  }
  // Only a text with a `null` can hide one, so most requests are not walked.
  if (text.includes("null") && holdsBrokenNumber(request)) refuseBrokenNumbers(request, "", operation);
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

function refuseBrokenNumbers(value, path, operation) {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw refusal(path, "not_a_number", "a request holds finite numbers only", "write null for what was not measured", operation);
  }
  if (typeof value !== "object" || value === null || typeof value.toJSON === "function") return;
  for (const [key, member] of Object.entries(value)) {
    refuseBrokenNumbers(member, `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, operation);
  }
}

module.exports = { written };
