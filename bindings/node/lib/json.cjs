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
  if (text.includes("null")) refuseBrokenNumbers(request, "", operation);
  return text;
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
