// The vectors of the operations.

import { readFileSync, readdirSync } from "node:fs";

const FOLDER = new URL("../../../tests/vectors/", import.meta.url);

/** Every case of every vector file that names an operation. */
export function cases() {
  const files = readdirSync(FOLDER, { recursive: true }).filter((file) => file.endsWith(".json") && file !== "schema.json");
  return files.sort().flatMap((file) => {
    const { operation, cases: found } = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"));
    return operation === undefined ? [] : found.map((one) => ({ operation, ...one }));
  });
}
