import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

function find(): string | null {
  const given = process.env["CHROMIUM"];
  if (given !== undefined) return given;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of NAMES) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // The next one.
      }
    }
  }
  return null;
}

/** The Chromium of this machine; Playwright downloads none. */
export const chromium = find();

export const NO_CHROMIUM = "NO CHROMIUM: nothing was tested in a browser (Debian: apt install chromium)";
