// The hot operations: an object of a policy, asked as often as you like, without JSON.

import { asText, callByText } from "./call.js";
import { StratumError } from "./errors.js";
import { decisions } from "./hot.js";
import { instanceNumber, isReady, needInstance, onFreshInstance, protect, translate } from "./instance.js";
import * as glue from "./stratum.js";

let memory;
/** The slots of a request; no longer any where the memory has grown. */
let slots;

onFreshInstance(() => {
  // Growing by nothing takes the arrays over this memory away from whoever has them, who then asks for others.
  memory?.grow(0);
});

/** What was validated once. After a trap it is validated again, in the fresh instance. */
class Compiled {
  #operation;
  #policy;
  #inside;
  #instance;

  constructor(operation, policy) {
    this.#operation = operation;
    this.#policy = policy;
    needInstance();
    this.#compile();
  }

  #compile() {
    this.#inside = protect(this.#operation, () => new glue.Compiled(this.#operation, this.#policy));
    this.#instance = instanceNumber();
  }

  #there() {
    if (this.#instance !== instanceNumber()) this.#compile();
    return this.#inside;
  }

  run() {
    try {
      if (this.#instance !== instanceNumber()) this.#compile();
      // Where compiling or running made the memory grow, the arrays over it are empty and nobody could read the answer:
      // this one goes the long way.
      return slots.length > 0 && this.#inside.run() && slots.length > 0;
    } catch (thrown) {
      throw translate(this.#operation, thrown);
    }
  }

  whole() {
    try {
      if (this.#instance !== instanceNumber()) this.#compile();
      return slots.length > 0 ? this.#inside.whole() : undefined;
    } catch (thrown) {
      throw translate(this.#operation, thrown);
    }
  }

  full(asked, texts) {
    return protect(this.#operation, () => this.#there().full(asked, texts));
  }

  policy() {
    return protect(this.#operation, () => this.#there().policy());
  }

  policyDigest() {
    return protect(this.#operation, () => this.#there().policyDigest());
  }

  threshold(actionType) {
    return protect(this.#operation, () => this.#there().threshold(String(actionType)));
  }
}

export const { Enforcement, Gate, Health, call, emq } = decisions({
  call: callByText,
  written: (value) => asText("policy", value),
  checked: (_operation, run) => run(),
  compile: (operation, policy) => new Compiled(operation, policy),
  buffers(asked, answer) {
    // The classes are made when this file is loaded, the module comes later.
    if (!isReady()) return [new Float64Array(0), new Float64Array(0)];
    const places = [glue.askedSlots(asked), glue.answerSlots(answer)];
    memory = glue.linearMemory();
    slots = new Float64Array(memory.buffer, places[0], asked);
    return [slots, new Float64Array(memory.buffer, places[1], answer)];
  },
  refuse(problem, operation) {
    throw new StratumError([problem], operation);
  },
});
