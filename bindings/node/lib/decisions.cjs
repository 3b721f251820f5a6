"use strict";

const native = require("./native.cjs");
const { StratumError, checked } = require("./errors.cjs");
const { callJson } = require("./door.cjs");
const { written } = require("./json.cjs");
const { decisions } = require("./hot.cjs");

/** The memory that both sides know; its first number says which of the validated policies is asked. */
let desk;
let run;
let whole;

function buffers(asked, answer) {
  try {
    ({ slots: desk, run, whole } = native.desk(asked, answer));
  } catch {
    // An engine that shares no memory, such as Electron's: the array is handed over each time.
    desk = new Float64Array(1 + asked + answer);
    run = (inside) => inside.runOver(desk, asked);
    whole = () => null;
  }
  return [desk.subarray(1, 1 + asked), desk.subarray(1 + asked)];
}

/** What was validated once. */
class Compiled {
  constructor(operation, policy) {
    this.inside = new native.Compiled(operation, policy);
    this.handle = this.inside.handle();
  }

  run() {
    desk[0] = this.handle;
    return run(this.inside);
  }

  whole() {
    desk[0] = this.handle;
    return whole();
  }

  full(asked, texts) {
    return this.inside.full(asked, texts);
  }

  policy() {
    return this.inside.policy();
  }

  policyDigest() {
    return this.inside.policyDigest();
  }

  threshold(actionType) {
    return this.inside.threshold(actionType);
  }
}

module.exports = decisions({
  call: (operation, request) => JSON.parse(callJson(operation, written(request, operation))),
  written,
  checked,
  compile: (operation, policy) => new Compiled(operation, policy),
  buffers,
  refuse(problem, operation) {
    throw new StratumError([problem], operation);
  },
});
