// What a worker does with a message.

import { steps } from "./batch.js";
import { call } from "./decisions.js";
import { StratumError } from "./errors.js";

/** So often a worker says how far it is. */
const CALLS_BETWEEN = 256;

const KINDS = {
  call: ({ name, request }) => call(name, request),

  callEach({ name, requests }, progress) {
    return requests.map((request, index) => {
      const answer = call(name, request);
      if ((index + 1) % CALLS_BETWEEN === 0 && index + 1 < requests.length) progress((index + 1) / requests.length);
      return answer;
    });
  },

  batch({ name, columns, policy }, progress) {
    const work = steps(name, columns, { policy });
    let step = work.next();
    while (!step.done) {
      if (step.value < 1) progress(step.value);
      step = work.next();
    }
    return step.value;
  },
};

/** Answers a message by `post(message, transfer)`; the last thing that is heard of work that succeeds is progress 1. */
export async function answer(ready, message, post) {
  try {
    await ready;
    const given = KINDS[message.kind](message, (progress) => post({ progress }));
    post({ progress: 1 });
    post({ answer: given }, message.kind === "batch" ? buffers(given) : []);
  } catch (error) {
    if (error instanceof StratumError) post({ problems: error.problems, operation: error.operation });
    else post({ broken: error });
  }
}

function buffers(columns) {
  return Object.entries(columns).flatMap(([name, column]) => {
    if (name === "tables") return Object.values(column).flatMap(buffers);
    // An empty array may stand for many columns, so none of them is handed over.
    const arrays = column.offsets ? [column.offsets, column.bytes] : [column.codes ?? column.sets ?? column];
    return arrays.map(({ buffer }) => buffer);
  });
}
