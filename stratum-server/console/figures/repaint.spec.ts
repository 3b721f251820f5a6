// How long a move of a slider takes until it is painted, with ninety days of backtest on screen. `make console-figures`
// prints it. A move is made at the beginning of a frame, where browsers hand over the input, and counts until the page
// is painted: event, decision, backtest, React, style, layout and paint. It is not compared with anything here, since a
// busy machine would fail it; 16 ms is the goal.

import { expect, test } from "@playwright/test";
import { demoServer } from "../e2e/server";

const server = demoServer();
const MOVES = 200;

for (const [name, label] of [
  ["a threshold of the policy", /^Healthy from/],
  ["a weight of the policy", /^Weight of event delivery/],
  ["a signal", /^Match quality/],
] as const) {
  test(`a move of ${name}`, async ({ browser }) => {
    const page = await server.as("admin", browser, "/what-if");
    await expect(page.getByRole("heading", { name: "The last 90 days under both policies" })).toBeVisible();
    const slider = page.getByRole("slider", { name: label });
    await slider.scrollIntoViewIfNeeded();
    const took = await slider.evaluate(async (element, moves) => {
      const input = element as HTMLInputElement;
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
      const [from, to] = [Number(input.min), Number(input.max)];
      const found: number[] = [];
      for (let move = 0; move < moves + 20; move++) {
        const value = from + ((move * 37) % 100) * ((to - from) / 100);
        found.push(
          await new Promise<number>((resolve) =>
            requestAnimationFrame(() => {
              const painted = new MessageChannel();
              performance.mark("move");
              set?.call(input, String(value));
              input.dispatchEvent(new Event("input", { bubbles: true }));
              // A message that is sent in a frame comes when the frame is painted.
              painted.port1.onmessage = () => resolve(performance.measure("repaint", "move").duration);
              painted.port2.postMessage(null);
            }),
          ),
        );
      }
      // The first ones warm up.
      return found.slice(20).sort((a, b) => a - b);
    }, MOVES);
    const at = (part: number) => (took[Math.min(took.length - 1, Math.floor(part * took.length))] ?? 0).toFixed(1);
    console.log(`${name}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms, of ${took.length} moves`);
  });
}
