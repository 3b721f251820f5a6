// What the package offers, wherever it runs.

export { batch } from "./batch.js";
export {
  breakForTests as _breakForTests,
  memoryBytes as _memoryBytes,
  callJson,
  operations,
  schemaJson,
} from "./call.js";
export { Enforcement, Gate, Health, call, emq } from "./decisions.js";
export { StratumError } from "./errors.js";
