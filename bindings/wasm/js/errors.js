// What was wrong with an input: every problem at once.

/** An input was refused, or an operation broke inside. `problems` lists everything that is wrong. */
export class StratumError extends Error {
  /**
   * @param {import("./index.d.ts").Problem[]} problems
   * @param {string} [operation]
   * @param {ErrorOptions} [options]
   */
  constructor(problems, operation, options) {
    super(problems.map(sentence).join("\n"), options);
    this.name = "StratumError";
    /** The stable code of the first problem: `"internal"` means a bug of ours. */
    this.code = problems[0]?.code;
    this.operation = operation;
    this.problems = problems;
  }
}

function sentence({ path, code, message, help }) {
  return `${path ? `${path}: ` : ""}${message} (${code})${help ? `; ${help}` : ""}`;
}

/** An error of one problem. */
export function refusal(path, code, message, help, operation, options) {
  return new StratumError([help ? { path, code, message, help } : { path, code, message }], operation, options);
}
