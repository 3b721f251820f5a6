"use strict";

const { StratumError } = require("./errors.cjs");

/**
 * The JSON text of a request. `JSON.stringify` writes NaN and infinity as `null`, which would make a broken number a
 * missing one: they are refused, with their place.
 */
function written(request) {
  let text;
  try {
    text = JSON.stringify(request);
  } catch (error) {
    throw refused("", "wrong_type", `this has no form in JSON: ${error.message}`, "use plain objects, lists, text, finite numbers, booleans and Dates");
  }
  if (text === undefined) {
    throw refused("", "wrong_type", `a request is an object, not ${typeof request}`, "see the JSON Schema in `operations()`");
  }
  // Only a text with a `null` can hide one, so most requests are not walked.
  if (text.includes("null")) refuseBrokenNumbers(request, "");
  return text;
}

function refuseBrokenNumbers(value, path) {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw refused(path, "not_a_number", "a request holds finite numbers only", "write null for what was not measured");
  }
  if (typeof value !== "object" || value === null || typeof value.toJSON === "function") return;
  for (const [key, member] of Object.entries(value)) {
    refuseBrokenNumbers(member, `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  }
}

function refused(path, code, message, help) {
  return new StratumError([{ path, code, message, help }]);
}

module.exports = { written };
