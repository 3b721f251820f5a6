"use strict";

const { batchAsync } = require("./batch.cjs");

/** Splits what is for the work itself from what is for the operation; what is undefined is left out. */
function parted({ signal, onProgress, ...policy }) {
  return { signal, onProgress, policy: Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)) };
}

/** Brings identifiers and the fields of a person into their normal form, and into what each platform wants. */
function normalize(columns, options = {}) {
  return batchAsync("identifier.normalize", columns, parted(options));
}

/** Finds who is the same person: clusters of identifiers, of events or of links. */
function resolve(columns, { policy = null, identity, signal, onProgress } = {}) {
  if (policy !== null && identity !== undefined) throw new TypeError("give identity or policy, not both");
  return batchAsync("identity.stitch", columns, { policy: identity === undefined ? policy : { identity }, signal, onProgress });
}

/** Adds purchases up to what customers are scored by. */
function rfmAggregate(columns, options) {
  return batchAsync("rfm.aggregate", columns, parted(options));
}

/** Scores customers by how lately, how often and for how much they bought. */
function rfm(columns, options = {}) {
  return batchAsync("rfm.score", columns, parted(options));
}

/** Predicts who will leave, and what the next 365 days will bring. */
function predict(columns, options = {}) {
  return batchAsync("prediction.evaluate", columns, parted(options));
}

/** Predicts what customers will buy and be worth, by BG/NBD and Gamma-Gamma. */
function lifetimeValue(columns, options) {
  return batchAsync("clv.predict", columns, parted({ months: 12, ...options }));
}

/** Finds the members of a segment at an instant. */
function segment(columns, rules, options) {
  return batchAsync("segment.evaluate", columns, parted({ ...options, rules }));
}

/** Counts how many people took each step, how long it took them, and where they stopped. */
function funnel(columns, steps, options = {}) {
  const named = steps.map((step) => (typeof step === "string" ? { event_name: step } : step));
  return batchAsync("funnel.evaluate", columns, parted({ ...options, steps: named }));
}

/** Computes traits of profiles from their events. */
function traits(columns, definitions, options) {
  return batchAsync("traits.compute", columns, parted({ ...options, traits: definitions }));
}

module.exports = { cdp: { funnel, lifetimeValue, normalize, predict, resolve, rfm, rfmAggregate, segment, traits } };
