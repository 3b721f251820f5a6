"use strict";

const { StratumError } = require("./lib/errors.cjs");
const { call, callJson, operations, schemaJson } = require("./lib/door.cjs");

module.exports = { StratumError, call, callJson, operations, schemaJson };
