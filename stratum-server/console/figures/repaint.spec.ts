// What a move of a slider costs until it is painted, with ninety days of backtest on screen. `make console-figures`
// prints it. A mouse drags the slider, a step at a time; a move counts until its last frame is painted: input, decision,
// backtest, React, style, layout and paint. It is told as time that passed and as processor time of the page's main
// thread, which depends less on what else runs; the protocol that measures and three further frames are in it, so the
// same is measured where the mouse moves and the slider does not. Neither is compared with the goal of 16 ms here, since
// a slow machine would fail it.

import { type CDPSession, expect, type Locator, type Page, test } from "@playwright/test";
import { demoServer } from "../e2e/server";

const server = demoServer();
const WARM = 30;
const MOVES = 120;

for (const [name, label] of [
  ["a threshold of the policy", /^Healthy from/],
  ["a weight of the policy", /^Weight of event delivery/],
  ["a signal", /^Match quality/],
] as const) {
  test(`a move of ${name}`, async ({ browser }) => {
    // High enough for sliders, verdict and ninety days at once.
    const page = await server.as("admin", browser, "/what-if", { viewport: { width: 1360, height: 2600 } });
    await expect(page.getByRole("heading", { name: "The last 90 days under both policies" })).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
    const strips = page.getByRole("region", { name: "The last 90 days under both policies" }).getByRole("img");
    for (const strip of await strips.all()) await expect(strip).toBeInViewport({ ratio: 1 });

    await watch(page);
    const protocol = await Protocol.of(page);
    const drag = await begin(protocol, page.getByRole("slider", { name: label }));
    const still = await measured(protocol, drag.tremble);
    const moved = await measured(protocol, drag.on);
    const leapt = await measured(protocol, drag.leap);
    for (const strip of await strips.all()) await expect(strip).toBeInViewport({ ratio: 1 });
    console.log(`${name}: ${await strips.count()} strips of 90 days on screen, ${MOVES} moves of each kind`);
    for (const [kind, costs] of [
      ["a drag by a fiftieth of the track", moved],
      ["a leap by a third of it", leapt],
    ] as const) {
      expect(costs.every(({ passed }) => passed > 0), "each move changed something").toBe(true);
      console.log(`  ${kind}`);
      for (const [what, of] of REPORT) console.log(`    ${what.padEnd(36)} ${said(costs, of)}`);
    }
    console.log(`  the mouse moves, the slider does not`);
    console.log(`    ${"processor time of the main thread".padEnd(36)} ${said(still, "thread")}`);
  });
}

interface Cost {
  /** From the input event to the end of the frame that shows all of it. */
  passed: number;
  /** Processor time of the main thread, all of it. */
  thread: number;
  script: number;
  style: number;
  layout: number;
}

const REPORT: readonly (readonly [string, keyof Cost])[] = [
  ["passed, from input to paint", "passed"],
  ["processor time of the main thread", "thread"],
  ["  of it JavaScript and WebAssembly", "script"],
  ["  of it style", "style"],
  ["  of it layout", "layout"],
];

function said(costs: readonly Cost[], of: keyof Cost): string {
  const sorted = costs.slice(WARM).map((cost) => cost[of]).sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(1);
  return `median ${at(0.5).padStart(5)} ms, p95 ${at(0.95).padStart(5)} ms`;
}

/** The page by its own protocol: Playwright's commands cost the main thread more than a move does. */
class Protocol {
  private constructor(private readonly session: CDPSession) {}

  static async of(page: Page): Promise<Protocol> {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    return new Protocol(session);
  }

  /** The clock of the main thread's own processor time, in milliseconds. */
  async clock(): Promise<Omit<Cost, "passed">> {
    const { metrics } = await this.session.send("Performance.getMetrics");
    const ms = (name: string) => (metrics.find((one) => one.name === name)?.value ?? Number.NaN) * 1000;
    return { thread: ms("ThreadTime"), script: ms("ScriptDuration"), style: ms("RecalcStyleDuration"), layout: ms("LayoutDuration") };
  }

  async mouse(type: "mouseMoved" | "mousePressed", x: number, y: number): Promise<void> {
    await this.session.send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons: 1, clickCount: 1 });
  }

  async number(expression: string): Promise<number> {
    const { result } = await this.session.send("Runtime.evaluate", { expression, awaitPromise: true });
    return typeof result.value === "number" ? result.value : Number.NaN;
  }
}

type Way = (move: number) => Promise<void>;

/** Takes the thumb of a slider, and goes along the track and back, leaps about it, or only trembles upwards and downwards. */
async function begin(protocol: Protocol, slider: Locator): Promise<{ on: Way; leap: Way; tremble: Way }> {
  const box = await slider.boundingBox();
  if (box === null) throw new Error("the slider is nowhere");
  const middle = box.y + box.height / 2;
  const x = (part: number) => box.x + box.width * (0.1 + 0.8 * part);
  await protocol.mouse("mouseMoved", x(0), middle);
  await protocol.mouse("mousePressed", x(0), middle);
  return {
    on: (move) => protocol.mouse("mouseMoved", x(1 - Math.abs(1 - ((move * 0.025) % 2))), middle),
    leap: (move) => protocol.mouse("mouseMoved", x(((move * 37) % 100) / 100), middle),
    tremble: (move) => protocol.mouse("mouseMoved", x(0), middle + (move % 2)),
  };
}

/** Makes moves and counts each of them alone, until the page has nothing left to draw. */
async function measured(protocol: Protocol, make: Way): Promise<Cost[]> {
  const costs: Cost[] = [];
  let before = await protocol.clock();
  for (let move = 1; move <= WARM + MOVES; move++) {
    await make(move);
    const passed = await protocol.number("moved.painted()");
    const after = await protocol.clock();
    costs.push({ passed, thread: after.thread - before.thread, script: after.script - before.script, style: after.style - before.style, layout: after.layout - before.layout });
    before = after;
  }
  return costs;
}

declare global {
  interface Window {
    moved?: { painted(): Promise<number> };
  }
}

/** Notes when a move begins, and when the last frame that it changed something in is painted. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    let since = Number.NaN;
    let until = Number.NaN;
    const end = new MessageChannel();
    end.port1.onmessage = () => (until = performance.now());
    // A message that is sent in a frame comes when that frame is painted.
    const frame = () => requestAnimationFrame(() => end.port2.postMessage(null));
    window.addEventListener(
      "input",
      () => {
        since = performance.now();
        frame();
      },
      { capture: true },
    );
    new MutationObserver(frame).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    window.moved = {
      async painted() {
        // What is drawn later comes in the next frame; the one after it finds nothing more to do.
        for (let frames = 0; frames < 3; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
        const took = until - since;
        since = Number.NaN;
        return took;
      },
    };
  });
}
