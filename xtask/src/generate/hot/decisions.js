// The classes that users see.

let native;

/**
 * Makes the classes over a compiled part: `adapter.compile(operation, policyText)` validates a policy and gives an object
 * with `run()`, `whole()`, `full(asked, texts)`, `policy()`, `policyDigest()` and `threshold(actionType)`;
 * `adapter.checked(operation, run)` runs what may be refused and throws what users know; `adapter.written(value)` gives the
 * JSON text of a value; `adapter.call(operation, request)` goes the long way; `adapter.buffers(asked, answer)` gives two
 * arrays of numbers of these lengths; `adapter.refuse(problem, operation)` throws.
 */
function decisions(adapter) {
  native = adapter;
  [asked, answer] = native.buffers(ASKED_SLOTS, ANSWER_SLOTS);
  return { Enforcement, EnforcementAnswer, Gate, GateAnswer, Health, call, emq: { score: scoreEvent } };
}

let turn = 0;

/**
 * Begins a request and gives its number. Where the arrays lie in memory that has grown, they must be had again. A getter of
 * the facts that asks for another decision meanwhile takes the arrays: then the number is no longer `turn`.
 */
function begin() {
  if (asked.length === 0) [asked, answer] = native.buffers(ASKED_SLOTS, ANSWER_SLOTS);
  textCount = 0;
  next = 0;
  turn += 1;
  return turn;
}

/** What an operation is asked under one policy, which is validated once. */
class Policy {
  #operation;
  #compiled;
  #policy;

  constructor(operation, policy) {
    this.#operation = operation;
    const text = policy == null ? "null" : native.written(policy);
    this.#compiled = native.checked(operation, () => native.compile(operation, text));
  }

  /** The policy, defaults included. */
  get policy() {
    this.#policy ??= JSON.parse(this.#compiled.policy());
    return this.#policy;
  }

  /** SHA-256 of the policy: what a recorded decision names it by. */
  get policy_digest() {
    return this.#compiled.policyDigest();
  }

  get _compiled() {
    return this.#compiled;
  }

  _longWay(facts) {
    return native.call(this.#operation, { policy: this.policy, facts });
  }
}

/** The trust gate under one tenant's policy: validated once, then asked as often as you like. */
class Gate extends Policy {
  #compiled;

  constructor(policy) {
    super("gate.evaluate", policy);
    this.#compiled = this._compiled;
  }

  /** Asks whether a change may run now. */
  evaluate(facts) {
    const mine = begin();
    const end = writeGateFacts(facts, 0);
    if (end > 0 && mine === turn && this.#compiled.run()) {
      return new GateAnswer(readGateBrief(), kept("gate.evaluate", this.#compiled, end));
    }
    const full = this._longWay(facts);
    return new GateAnswer({ ...full, codes: full.reasons.map(({ code }) => code) }, { full });
  }

  /** The score from which a change of this type passes: at least 70. */
  threshold(actionType) {
    return native.checked("gate.evaluate", () => this.#compiled.threshold(actionType));
  }
}

/** Signal health under one tenant's policy. */
class Health extends Policy {
  #compiled;

  constructor(policy) {
    super("health.evaluate", policy);
    this.#compiled = this._compiled;
  }

  /** Evaluates the signal health of one platform. */
  evaluate(facts) {
    const mine = begin();
    const end = writeHealthFacts(facts, 0);
    return end > 0 && mine === turn && this.#compiled.run() ? readHealthSnapshot() : this._longWay(facts);
  }
}

/** A tenant's limits on what automation may change. */
class Enforcement extends Policy {
  #compiled;

  constructor(policy) {
    super("enforcement.check", policy);
    this.#compiled = this._compiled;
  }

  /** Checks a change against every limit. */
  check(facts) {
    const mine = begin();
    const end = writeLimitFacts(facts, 0);
    if (end > 0 && mine === turn && this.#compiled.run()) {
      return new EnforcementAnswer(readEnforcementBrief(), kept("enforcement.check", this.#compiled, end));
    }
    const full = this._longWay(facts);
    return new EnforcementAnswer({ ...full, codes: full.violations.map(({ type }) => type) }, { full });
  }
}

/** Where an answer keeps what the rest of it is made from. A private field would cost as much as the decision. */
const REST = Symbol("rest");

/** The request as it was, for what is read later: its facts may change meanwhile. */
function kept(operation, compiled, end) {
  const numbers = new Array(end);
  for (let slot = 0; slot < end; slot += 1) numbers[slot] = asked[slot];
  return { operation, compiled, numbers, texts: texts.slice(0, textCount), full: undefined };
}

/** An answer of which only the numbers are there; what has a text is made when it is read first. */
class Lazy {
  /** The whole answer as a plain object: what `call` answers. */
  toJSON() {
    const rest = this[REST];
    rest.full ??= JSON.parse(
      native.checked(rest.operation, () => rest.compiled.full(Float64Array.from(rest.numbers), rest.texts)),
    );
    return rest.full;
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return this.toJSON();
  }
}

/** What the gate said. Made by `Gate.evaluate` alone. */
class GateAnswer extends Lazy {
  constructor({ decision, score, threshold, codes }, rest) {
    super();
    this[REST] = rest;
    this.decision = decision;
    this.score = score;
    this.threshold = threshold;
    this.codes = codes;
  }

  get passed() {
    return this.decision === "PASS";
  }

  get reasons() {
    return this.toJSON().reasons;
  }

  get remedies() {
    return this.toJSON().remedies;
  }

  get valid_until() {
    return this.toJSON().valid_until;
  }

  get evaluated_at() {
    return this.toJSON().evaluated_at;
  }

  get policy_digest() {
    return this.toJSON().policy_digest;
  }
}

/** What the limits said. Made by `Enforcement.check` alone. */
class EnforcementAnswer extends Lazy {
  constructor({ allowed, mode, requires_confirmation, codes }, rest) {
    super();
    this[REST] = rest;
    this.allowed = allowed;
    this.mode = mode;
    this.requires_confirmation = requires_confirmation;
    this.codes = codes;
  }

  get violations() {
    return this.toJSON().violations;
  }

  get propose_pause_of() {
    return this.toJSON().propose_pause_of;
  }
}

let events;

/** The EMQ of an event of which the facts are known, as the columns name them. */
function scoreEvent(facts) {
  events ??= native.compile("emq.event", "null");
  const mine = begin();
  if (writeEventFacts(facts, 0) > 0 && mine === turn && events.run()) return readEventAnswer();
  const help = "give completeness and latency_s as numbers, and the identifiers and signals that are there as booleans";
  return native.refuse({ path: "", code: "invalid_value", message: "these are no facts of an event", help }, "emq.event");
}

/** Lays the facts down, and says whether they fit. */
function laid(write, facts) {
  const mine = begin();
  return write(facts, 0) > 0 && mine === turn;
}

const told = (compiled) => {
  const text = compiled.whole();
  return text == null ? undefined : JSON.parse(text);
};

/** The operations whose facts go by numbers in `call`, too; an answer that holds sentences comes back as text. */
const BY_NUMBERS = {
  __proto__: null,
  "health.evaluate": (compiled, facts) => (laid(writeHealthFacts, facts) && compiled.run() ? readHealthSnapshot() : undefined),
  "gate.evaluate": (compiled, facts) => (laid(writeGateFacts, facts) ? told(compiled) : undefined),
  "enforcement.check": (compiled, facts) => (laid(writeLimitFacts, facts) ? told(compiled) : undefined),
};

/** Each of them under the default policy, once it was asked. */
const byDefault = { __proto__: null };

/** Runs an operation by its name: an object in, an object out. */
function call(operation, request) {
  const ask = BY_NUMBERS[operation];
  if (ask !== undefined && holdsFactsAlone(request)) {
    const answered = ask((byDefault[operation] ??= native.compile(operation, "null")), request.facts);
    if (answered !== undefined) return answered;
  }
  return native.call(operation, request);
}

/** Whether a request leaves the policy out, and has nothing else that the table would have to look at. */
function holdsFactsAlone(request) {
  if (typeof request !== "object" || request === null) return false;
  const parent = Object.getPrototypeOf(request);
  if (parent !== Object.prototype && parent !== null) return false;
  let others = 0;
  for (const name in request) if (name !== "facts") others += 1;
  return others === 0;
}
