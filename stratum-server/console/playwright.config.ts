import { defineConfig, devices } from "@playwright/test";
import { chromium } from "./e2e/chromium";

export default defineConfig({
  // The server writes its state, so the tests of a file run in their order, one file at a time.
  workers: 1,
  fullyParallel: false,
  // Generous: nothing here measures time, and the machine may have other work.
  timeout: 180_000,
  expect: { timeout: 40_000 },
  forbidOnly: true,
  reporter: process.env["PLAYWRIGHT_JUNIT_OUTPUT_FILE"] === undefined ? [["list"]] : [["list"], ["junit"]],
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1360, height: 900 },
    trace: "retain-on-failure",
    launchOptions: {
      ...(chromium === null ? {} : { executablePath: chromium }),
      // A sandbox of its own is not to be had as root.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
  projects: [
    { name: "tests", testDir: "e2e" },
    { name: "pictures", testDir: "pictures" },
    { name: "figures", testDir: "figures" },
  ],
});
