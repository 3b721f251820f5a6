// What must hold of a worker wherever it runs.

import { HEALTH, must, same, thrown } from "./checks.mjs";

/** The checks, each with a name; one that throws or rejects has failed. */
export function workerChecks(createWorker) {
  const list = [];
  const check = (name, run) => {
    list.push({
      name,
      async run() {
        const worker = createWorker();
        try {
          await run(worker);
        } finally {
          worker.stop();
        }
      },
    });
  };
  const facts = JSON.parse(JSON.stringify(HEALTH.facts));
  const rejected = (promise) => promise.then(() => thrown(() => {}), (error) => error);
  const long = (rows = 4_000_000) => ({ emq: new Float64Array(rows).fill(90) });

  check("a worker answers as the page does, and says how far it is", async (worker) => {
    same((await worker.call("health.evaluate", { facts })).score, 94.05);
    const heard = [];
    const answers = await worker.callEach("health.evaluate", new Array(600).fill({ facts }), { onProgress: (done) => heard.push(done) });
    same([answers.length, answers[599].score, heard], [600, 94.05, [256 / 600, 512 / 600, 1]]);
  });

  check("columns go to a worker and come back, by a copy or for good", async (worker) => {
    const columns = long(200_000);
    const heard = [];
    const { score } = await worker.batch("health.evaluate", columns, { onProgress: (done) => heard.push(done) });
    same([score.length, score[199_999], columns.emq.length], [200_000, 31.5, 200_000]);
    must(heard.length === 4 && heard.at(-1) === 1, `${heard}`);
    await worker.batch("health.evaluate", columns, { transfer: true });
    same(columns.emq.length, 0);
  });

  check("a refusal in a worker is a StratumError here, and the next work goes on", async (worker) => {
    const [refused, answered] = await Promise.all([
      rejected(worker.call("health.evaluate", { facts: {} })),
      worker.call("health.evaluate", { facts }),
    ]);
    same([refused.name, refused.operation, refused.problems.length > 1], ["StratumError", "health.evaluate", true]);
    same(answered.score, 94.05);
    must((await rejected(worker.call("health.evaluate", { facts: () => 1 }))) instanceof Error);
  });

  check("an exception of the progress function ends its work and nothing else", async (worker) => {
    const broken = new Error("no such bar");
    const onProgress = () => {
      throw broken;
    };
    must((await rejected(worker.batch("health.evaluate", long(200_000), { onProgress }))) === broken);
    same((await worker.call("health.evaluate", { facts })).score, 94.05);
  });

  check("work that nobody wants any more ends at once, and what waits behind it is done", async (worker) => {
    const controller = new AbortController();
    const reason = new Error("the slider moved on");
    const started = rejected(
      worker.batch("health.evaluate", long(), { signal: controller.signal, onProgress: () => controller.abort(reason) }),
    );
    const waiting = new AbortController();
    const queued = rejected(worker.call("health.evaluate", { facts }, { signal: waiting.signal }));
    const behind = worker.call("health.evaluate", { facts });
    waiting.abort(reason);
    same([(await started) === reason, (await queued) === reason, (await behind).score], [true, true, 94.05]);
    same((await rejected(worker.call("health.evaluate", { facts }, { signal: AbortSignal.abort(reason) }))) === reason, true);
  });

  check("a worker that was stopped refuses what it had, and starts again", async (worker) => {
    const running = rejected(worker.batch("health.evaluate", long()));
    worker.stop();
    same((await running).code, "stopped");
    same((await worker.call("health.evaluate", { facts })).score, 94.05);
  });

  return list;
}
