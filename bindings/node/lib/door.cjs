"use strict";

const native = require("./native.cjs");
const { understood } = require("./errors.cjs");

/** Runs an operation by its name on JSON text. */
function callJson(name, body) {
  try {
    return native.callJson(name, body);
  } catch (error) {
    throw understood(error, name);
  }
}

/** The document with all schemas, as text. */
function schemaJson() {
  return native.schemaJson();
}

/** The operations, each with schemas that stand by themselves. */
function operations() {
  const document = JSON.parse(schemaJson());
  for (const operation of document.operations) {
    operation.request.$defs = document.$defs;
    operation.response.$defs = document.$defs;
  }
  return document.operations;
}

module.exports = { callJson, operations, schemaJson };
