"use strict";

const native = require("./native.cjs");
const { StratumError, checked } = require("./errors.cjs");
const { call } = require("./door.cjs");
const { written } = require("./json.cjs");
const { decisions } = require("./hot.cjs");

module.exports = decisions({
  call,
  written,
  checked,
  compile: (operation, policy) => new native.Compiled(operation, policy),
  buffers: (asked, answer) => [new Float64Array(asked), new Float64Array(answer)],
  refuse(problem, operation) {
    throw new StratumError([problem], operation);
  },
});
