"use strict";

const { randomFillSync } = require("node:crypto");
const native = require("./native.cjs");
const { checked } = require("./errors.cjs");
const { written } = require("./json.cjs");

/**
 * Thrown by a platform that you write: why a call gave no receipt. Only this error can say that nothing was done. After any
 * other one nobody knows whether the change was made, and it is never sent again unasked.
 */
class PlatformError extends Error {
  constructor(code, message, { retry_after_ms, ...options } = {}) {
    super(message, options);
    this.name = "PlatformError";
    this.code = code;
    this.retry_after_ms = retry_after_ms;
  }
}

/** What an error of the platform says about the call. */
function said(error) {
  if (error instanceof PlatformError) {
    return { code: error.code, message: error.message, retry_after_ms: error.retry_after_ms };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `threw ${typeof error}`;
  return { code: "UNKNOWN", message };
}

/** Queues, approves and executes actions on a platform that you write; keeps them and their audit chain in memory. */
class Autopilot {
  #platform;
  #pilot;

  constructor(platform, policy) {
    if (typeof platform?.apply !== "function") throw new TypeError("a platform has a method `apply(change)`");
    this.#platform = platform;
    const text = written(policy ?? null, "autopilot");
    this.#pilot = checked("autopilot", () => new native.Pilot(text));
  }

  #do(method, message) {
    const text = written(message, `autopilot.${method}`);
    return JSON.parse(checked(`autopilot.${method}`, () => this.#pilot.call(method, text)));
  }

  /** Every action, oldest first. */
  get actions() {
    return this.#do("actions", {});
  }

  /** One action. */
  action(id) {
    return this.#do("action", { id });
  }

  /** Queues an action; it waits for approval. */
  queue(action) {
    return this.#do("queue", { random: Array.from(randomFillSync(new Uint8Array(10))), ...action });
  }

  /** Approves an action for a person. The gate is asked all the same when it is executed. */
  approve(id, { by, now, override_reason }) {
    return this.#do("approve", { id, by, now, override_reason });
  }

  /** Dismisses an action that was not approved yet. */
  dismiss(id, { by, now }) {
    return this.#do("dismiss", { id, by, now });
  }

  /** The audit chain of a tenant, oldest first. */
  records(tenant_id) {
    return this.#do("records", { tenant_id });
  }

  /** Where the chain of a tenant ends: keep it elsewhere, and a truncation shows. */
  head(tenant_id) {
    return this.#do("head", { tenant_id });
  }

  /**
   * Executes every approved action that gate and limits let through now, oldest first. `facts` gives what is known of an
   * action, freshly read. Any number of runs may be under way: an action is claimed by one of them.
   */
  async run(facts, { now }) {
    const steps = [];
    for (const { id } of this.actions) {
      const step = await this.#runOne(id, facts, now);
      if (step !== undefined) steps.push(step);
    }
    return steps;
  }

  async #runOne(id, facts, now) {
    let due = this.#do("due", { id, now });
    if (due.next === "LOOK_UP") {
      await this.#lookUp(due, now);
      due = this.#do("due", { id, now });
    }
    if (due.next !== "CLAIM") return undefined;
    const { gate, limits } = await facts(due.action);
    // Another run may have claimed it while the facts were read.
    if (this.#do("due", { id, now }).next !== "CLAIM") return undefined;
    const { request, ...claim } = this.#do("claim", { id, gate, limits });
    if (claim.step !== "EXECUTE") return claim;
    return { ...claim, ...this.#settle(id, now, await this.#apply(request)) };
  }

  /** Whatever the platform does, it is an answer. */
  async #apply(change) {
    try {
      const receipt = await this.#platform.apply(change);
      // What has no form in JSON is a receipt that nobody can keep.
      written(receipt ?? null);
      return { receipt };
    } catch (error) {
      return { error: said(error) };
    }
  }

  #settle(id, now, answer) {
    try {
      return this.#do("settle", { id, now, ...answer });
    } catch (error) {
      // Where it is still under way, the answer could not be read; else another has settled it, and that is the caller's.
      if (this.action(id).state !== "APPLYING") throw error;
      return this.#do("settle", { id, now, error: { code: "UNKNOWN", message: error.message } });
    }
  }

  async #lookUp({ action: { id }, entity }, now) {
    let answer = {};
    try {
      if (typeof this.#platform.outcomeOf === "function") {
        answer = { outcome: await this.#platform.outcomeOf(entity, id, now) };
        written(answer);
      }
    } catch (error) {
      answer = { error: said(error) };
    }
    try {
      this.#do("looked_up", { id, now, ...answer });
    } catch (error) {
      this.#do("looked_up", { id, now, error: { code: "UNKNOWN", message: error.message } });
    }
  }
}

module.exports = { Autopilot, PlatformError };
