// The vectors of the operations, and how an answer is compared with one.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "tests", "vectors");

/** Every case of every vector file that names an operation. */
export function cases() {
  const files = readdirSync(FOLDER, { recursive: true }).filter((file) => file.endsWith(".json") && file !== "schema.json");
  return files.sort().flatMap((file) => {
    const { operation, cases: found } = JSON.parse(readFileSync(join(FOLDER, file), "utf8"));
    return operation === undefined ? [] : found.map((one) => ({ operation, ...one }));
  });
}

/** The first place that is not as expected: exact on the keys that are expected, lists and numbers exact. */
export function difference(found, expected, place = "") {
  if (Array.isArray(expected) && Array.isArray(found)) {
    if (found.length !== expected.length) return `${place} has ${found.length} items, expected ${expected.length}`;
    return first(expected.map((item, index) => () => difference(found[index], item, `${place}/${index}`)));
  }
  if (isObject(expected) && isObject(found)) {
    return first(
      Object.entries(expected).map(([key, value]) => () =>
        key in found ? difference(found[key], value, `${place}/${key}`) : `${place}/${key} is missing`,
      ),
    );
  }
  return found === expected ? null : `${place} is ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`;
}

/** What is wrong with the outcome of a case; null where it is as expected. */
export function outcome(run, { expect, response, expect_problems: expected }, StratumError) {
  if (expected === undefined) return difference(run(), expect ?? response);
  try {
    run();
  } catch (error) {
    if (!(error instanceof StratumError)) throw error;
    const sorted = (problems) => problems.map(({ path, code }) => `${path} ${code}`).sort();
    return difference(sorted(error.problems), sorted(expected));
  }
  return "it was not refused";
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function first(looks) {
  for (const look of looks) {
    const wrong = look();
    if (wrong !== null) return wrong;
  }
  return null;
}
