"use strict";

const PROBLEMS = "STRATUM_PROBLEMS ";

/** An input was refused, or an operation broke inside. `problems` lists everything that is wrong. */
class StratumError extends Error {
  constructor(problems, operation, options) {
    super(problems.map(sentence).join("\n"), options);
    this.name = "StratumError";
    this.code = problems[0]?.code;
    this.operation = operation;
    this.problems = problems;
  }
}

function sentence({ path, code, message, help }) {
  return `${path ? `${path}: ` : ""}${message} (${code})${help ? `; ${help}` : ""}`;
}

/** An error of one problem. */
function refusal(path, code, message, help, operation) {
  return new StratumError([help ? { path, code, message, help } : { path, code, message }], operation);
}

/** What the compiled part threw, as its users know it. */
function understood(error, operation) {
  const { message } = error;
  return message?.startsWith(PROBLEMS) ? new StratumError(JSON.parse(message.slice(PROBLEMS.length)), operation) : error;
}

/** Runs what may be refused. */
function checked(operation, run) {
  try {
    return run();
  } catch (error) {
    throw understood(error, operation);
  }
}

module.exports = { StratumError, checked, refusal, understood };
