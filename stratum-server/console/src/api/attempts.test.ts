import { expect, test } from "vitest";
import { Attempts } from "./attempts";
import { ApiProblem } from "./problem";

const LOST = ApiProblem.unreachable(new TypeError("no connection"));
const REFUSED = new ApiProblem(422, "VALIDATION_FAILED", "the reason is too short");

/** The keys under which these were sent, each with what came back. */
async function keys(...sent: readonly (readonly [content: string, answer: ApiProblem | null])[]): Promise<string[]> {
  const attempts = new Attempts();
  const used: string[] = [];
  for (const [reason, answer] of sent) {
    const request = (key: string) => {
      used.push(key);
      return answer === null ? Promise.resolve() : Promise.reject(answer);
    };
    await attempts.send({ reason }, request).catch(() => undefined);
  }
  return used;
}

test("what was refused is sent under a new key, edited or not", async () => {
  expect(new Set(await keys(["short", REFUSED], ["short", REFUSED], ["a reason that is long enough", null])).size).toBe(3);
});

test("the same request keeps its key after the server could not be reached, or was still at it", async () => {
  const going = new ApiProblem(409, "IDEMPOTENCY_IN_PROGRESS", "the first request still runs");
  const away = new ApiProblem(503, "UNAVAILABLE", "the server restarts");
  expect(new Set(await keys(["why", LOST], ["why", going], ["why", away], ["why", null])).size).toBe(1);
});

test("an edited request has a new key even then, and an answer ends the repetition", async () => {
  const [first, edited, after] = await keys(["why", LOST], ["why not", null], ["why not", null]);
  expect(new Set([first, edited, after]).size).toBe(3);
});
