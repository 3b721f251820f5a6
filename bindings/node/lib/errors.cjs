"use strict";

/** An input was refused. `problems` lists everything that is wrong with it. */
class StratumError extends Error {
  constructor(problems) {
    super(problems.map(sentence).join("\n"));
    this.name = "StratumError";
    this.problems = problems;
  }
}

function sentence({ path, code, message, help }) {
  return `${path ? `${path}: ` : ""}${message} (${code})${help ? `; ${help}` : ""}`;
}

/** What the compiled part threw, as its users know it. */
function understood(error) {
  return error?.code === "STRATUM_PROBLEMS" ? new StratumError(JSON.parse(error.message)) : error;
}

/** Runs what may be refused. */
function checked(run) {
  try {
    return run();
  } catch (error) {
    throw understood(error);
  }
}

module.exports = { StratumError, checked, understood };
